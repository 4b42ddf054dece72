"""The page for those who change something leads to places that exist."""

import re
from pathlib import Path
from typing import Final

import pytest

from services.routing.domain.on_actions import EFFECTS
from shared.contracts.lifecycle import PERMITTED
from shared.contracts.vocabulary import TAKES

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "docs" / "changing.md").read_text(encoding="utf-8")
FOLDERS: Final = ("cli", "config", "deploy", "docs", "services", "shared", "tests")
PATHS: Final = sorted(set(re.findall(rf"`((?:{'|'.join(FOLDERS)})/[^`\s<]*[^`\s]*)`", PAGE)))
NAMED: Final = {
    "shared/contracts/vocabulary.py": ("Channel", "ProblemType", "ActionKind", "TAKES"),
    "shared/contracts/services.py": ("PARTICIPANTS",),
    "services/routing/domain/on_actions.py": ("EFFECTS",),
    "shared/contracts/lifecycle.py": ("PERMITTED", "REQUIRED"),
    "tests/unit/routing/test_transitions.py": ("EXPECTED",),
    "services/routing/store/tickets.py": ("TYPES",),
    "services/sla/subscribers.py": ("SUBSCRIBED_EVENTS",),
    "services/intake/understanding/problem_types.py": ("FACTS",),
    "shared/security/sealing.py": ("normalise_handle",),
    "cli/tickets/view.py": ("STATES",),
}


@pytest.mark.parametrize("path", PATHS)
def test_every_path_the_guide_names_exists(path: str) -> None:
    """A reader who opens a file named there finds it; what stands in <> is theirs to name."""
    if re.search(r"<|NNNN", path):
        path = path.rpartition("/")[0]
    assert (ROOT / path).exists()


@pytest.mark.parametrize("path", NAMED)
def test_every_name_is_there(path: str) -> None:
    """The table or function a walk sends its reader to is called so, in that file and on the page."""
    text = (ROOT / path).read_text(encoding="utf-8")
    for name in NAMED[path]:
        assert f"`{name}`" in PAGE
        assert re.search(rf"^(?:class |def )?{name}\b", text, re.MULTILINE)


def test_what_an_action_takes_and_who_may_stand_in_one_row_each() -> None:
    """The walk of an action has its tables, and all of them know the same actions."""
    assert TAKES.keys() == PERMITTED.keys() == EFFECTS.keys()
