"""The fields of actions: the judge makes use of those, and misses those, that the contract names."""

import pytest

from services.routing.domain.decision import Decision, Refused
from services.routing.domain.transitions import judge
from shared.contracts.lifecycle import REQUIRED, TicketState
from shared.contracts.vocabulary import TAKES, ActionKind
from tests.unit.routing.samples import NOW, a_ticket
from tests.unit.routing.test_transitions import CONTEXT, EXPECTED, an_action


@pytest.mark.parametrize("kind", EXPECTED)
@pytest.mark.parametrize(("field", "other"), [("text", "x"), ("reason", "x"), ("on", "supplier"), ("to", "refund")])
def test_an_action_takes_what_it_is_said_to_take(kind: str, field: str, other: str) -> None:
    """A field changes what comes of an action if and only if the contract says that the action takes it."""
    allowed = EXPECTED[kind][1]
    place = next(place for place, cell in enumerate(allowed) if cell)
    ticket = a_ticket(state=list(TicketState)[place], team="technical", level=2)
    actor = allowed[place][0]

    def judged_with(**fields: str | None) -> Decision | Refused:
        return judge(ticket, an_action(kind, actor, **fields), NOW, CONTEXT)

    bare: dict[str, str | None] = {"text": None, "reason": None}
    if isinstance(judged_with(**bare), Refused):
        bare = {}
    before = judged_with(**bare)
    assert isinstance(before, Decision)
    assert (before != judged_with(**{**bare, field: other})) == (field in TAKES[ActionKind(kind)])


@pytest.mark.parametrize("kind", list(ActionKind))
def test_an_action_lacks_what_it_is_said_to_need(kind: ActionKind) -> None:
    """An action without a field is refused for that if and only if the contract says that the field is needed."""
    allowed = EXPECTED[kind][1]
    place = next(place for place, cell in enumerate(allowed) if cell)
    ticket = a_ticket(state=list(TicketState)[place], team="technical", level=2)
    verdicts = {
        name: judge(ticket, an_action(kind, allowed[place][0], **{name: None}), NOW, CONTEXT)
        for name in ("text", "reason", "on", "to")
    }
    lacking = [name for name, made in verdicts.items() if isinstance(made, Refused) and made.code == "missing_field"]
    assert lacking == ([REQUIRED[kind]] if kind in REQUIRED else [])
