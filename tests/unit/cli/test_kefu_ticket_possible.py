"""What `kefu ticket explain` says may be done."""

import pytest

from cli.tickets.possible import possible_actions


def test_what_may_be_done_comes_from_the_contract() -> None:
    """Each action of the state stands there with the field it needs and with everybody who may."""
    assert ("accept", "", "the agent who has the ticket") in possible_actions("assigned")
    assert ("answer", "text", "a supervisor or the agent who has the ticket") in possible_actions("accepted")
    assert "accept" not in [kind for kind, _, _ in possible_actions("resolved")]


@pytest.mark.parametrize("state", ["merged", "open", "a state of the future"])
def test_nothing_is_offered_where_the_contract_says_nothing(state: str) -> None:
    """Of a ticket that goes on in another one, or whose state is not known, no action is named."""
    assert possible_actions(state) == []
