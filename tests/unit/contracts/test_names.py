"""Names made of parts, and the ids that derive from them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.contacts import ContactReceived
from shared.contracts.ids import derived_id, name_of

AT = datetime(2026, 10, 15, tzinfo=UTC)
PARTS = st.lists(st.text(st.sampled_from("a/%2F5\x1f:"), max_size=6), min_size=1, max_size=3)


@given(PARTS, PARTS)
def test_other_parts_give_another_name(one: Sequence[str], other: Sequence[str]) -> None:
    """Two names are equal only where all their parts are, however a separator is hidden in them."""
    assert (name_of(*one) == name_of(*other)) == (one == other)


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_a_name_tells_its_parts(parts: Sequence[str]) -> None:
    """The parts can be had back from a name, so no two can share one."""
    assert [part.replace("%2F", "/").replace("%25", "%") for part in name_of(*parts).split("/")] == parts


def test_ordinary_parts_stay_legible() -> None:
    """What most ids are made of is not changed, so what was derived from them before is derived again."""
    assert name_of("chat", "C-1:工单") == "chat/C-1:工单"
    assert unquote(name_of("email", "<a/b@x>")) == "email/<a/b@x>"


@given(*[st.text(st.sampled_from("a%1F\x1f"), max_size=5)] * 4)
def test_other_causes_have_other_effects(cause: str, effect: str, other_cause: str, other_effect: str) -> None:
    """An id derived from another cause, or of another effect, is another id."""
    same = (cause, effect) == (other_cause, other_effect)
    assert (derived_id(cause, effect, AT) == derived_id(other_cause, other_effect, AT)) == same


@pytest.mark.parametrize("channel", ["", "chat/y", "Chat", "chat ", "聊天", "chat\n", "c" * 33, "chat\0", "chat-1"])
def test_what_is_no_name_of_a_channel(channel: str) -> None:
    """A channel is 1 to 32 of a-z, 0-9 and _, since keys and the names of figures are made of it."""
    with pytest.raises(ValueError, match="channel"):
        ContactReceived.model_validate(
            {"contact_id": "1", "channel": channel, "received_at": AT, "sender": {"kind": "x", "value": "y"}}
        )
