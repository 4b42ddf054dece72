"""The sandbox carrier's memory and its rules."""

from pathlib import Path

import pytest

from deploy.carrier.behaviour import Behaviour, RuleError, Rules
from deploy.carrier.journal import FILE_NAME, Journal


@pytest.mark.parametrize(
    ("written", "address", "behaviour"),
    [
        ("", "+8613800138000", Behaviour.NORMAL),
        ("", "+8613900009903", Behaviour.ACCEPT_THEN_HANG),
        ("8000=reject", "+8613800138000", Behaviour.REJECT),
        ("0=slow, 8000=reject", "+8613800138000", Behaviour.REJECT),
        ("*=receipt_never", "+8613800138000", Behaviour.RECEIPT_NEVER),
        ("*=receipt_never", "+8613900009903", Behaviour.ACCEPT_THEN_HANG),
    ],
)
def test_the_longest_ending_that_fits_decides(written: str, address: str, behaviour: Behaviour) -> None:
    """The longest ending that fits decides, and all others are treated alike."""
    assert Rules(written).of(address) is behaviour


def test_an_unknown_behaviour_is_refused_by_name() -> None:
    """A behaviour there is not is refused, and those there are get named."""
    with pytest.raises(RuleError, match="receipt_never"):
        Rules("42=explode")


def test_the_counts_survive_a_crash(tmp_path: Path) -> None:
    """After a crash the carrier still knows what reached the handsets, and what is left to do."""
    journal = Journal(tmp_path)
    first = journal.take(out_id="n-1", channel="sms", behaviour="normal")
    second = journal.take(out_id="n-1", channel="sms", behaviour="normal")
    third = journal.take(out_id="n-2", channel="sms", behaviour="undelivered")
    journal.finish(first, "delivered")
    journal.report(first)
    journal.finish(second, "delivered")
    journal.finish(third, "undelivered")
    journal.close()
    with (tmp_path / FILE_NAME).open("a") as file:
        file.write('{"is": "taken", "mess')
    again = Journal(tmp_path)
    assert again.handset == {"n-1": 2}
    assert [one.state for one in again.of("n-2")] == ["undelivered"]
    assert {one.message_id for one in again.unfinished()} == {second.message_id, third.message_id}
    fourth = again.take(out_id="n-3", channel="sms", behaviour="normal")
    again.close()
    last = Journal(tmp_path)
    assert [one.message_id for one in last.of("n-3")] == [fourth.message_id]
    last.close()
