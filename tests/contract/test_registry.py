"""Nothing of the contract is declared in one place and forgotten in another."""

import inspect
from pathlib import Path

import pytest

from shared.contracts import notices, tickets
from shared.contracts.notices import Notice
from shared.contracts.registry import BY_MODEL, EVENT_TYPES
from shared.contracts.services import GROUPS
from shared.contracts.tickets import TicketEvent

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("module", "base"), [(tickets, TicketEvent), (notices, Notice)])
def test_every_event_has_a_type_and_a_writer(module: object, base: type) -> None:
    """A model of an event that is not in the registry could not be written; this says so before anybody tries."""
    models = {
        model
        for _, model in inspect.getmembers(module, inspect.isclass)
        if issubclass(model, base) and not model.__subclasses__()
    }
    assert {model.__name__ for model in models - BY_MODEL.keys()} == set(), "shared/contracts/registry.py"


@pytest.mark.parametrize("service", GROUPS)
def test_a_services_page_names_every_verb_it_writes(service: str) -> None:
    """Who reads `services/<name>/README.md` learns of all its ticket events."""
    page = (ROOT / "services" / service / "README.md").read_text(encoding="utf-8")
    verbs = [
        one.name.split(".")[-2] for one in EVENT_TYPES if one.writer == service and issubclass(one.model, TicketEvent)
    ]
    assert [verb for verb in verbs if verb not in page] == [], f"services/{service}/README.md"
