"""What is done about a notice nobody answered about."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.notify.domain.follow_up import FollowUpPolicy, is_to_be_sent_again
from services.notify.domain.states import NoticeState
from tests.unit.notify.samples import INTENT, NOW, submitted

FOLLOWING = FollowUpPolicy(
    doubt=(timedelta(seconds=2), timedelta(seconds=5), timedelta(seconds=15)), receipt=(timedelta(seconds=60),)
)
DOUBTED = submitted(state=NoticeState.IN_DOUBT)


def _after(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


@pytest.mark.parametrize(("elapsed", "due"), [(0, 2), (2, 5), (6, 15), (16, 31)])
def test_asked_again(elapsed: float, due: float) -> None:
    """A lost answer is asked for at the times written down, and on and on when the provider cannot be asked."""
    assert FOLLOWING.next_poll_at(DOUBTED, NOW + _after(elapsed)) == NOW + _after(due)


def test_not_found_early() -> None:
    """A provider whose query lags is not believed before the last time."""
    moved = FOLLOWING.not_found(DOUBTED, resend=True, newest=True, asked_at=NOW + _after(5))
    assert (moved.state, moved.due_at, is_to_be_sent_again(moved)) == (NoticeState.IN_DOUBT, NOW + _after(15), False)


def test_sent_again_once() -> None:
    """What certainly never arrived is sent again, and never a third time."""
    again = FOLLOWING.not_found(DOUBTED, resend=True, newest=True, asked_at=NOW + _after(15))
    assert is_to_be_sent_again(again)
    second = again.submitted(provider="sandbox", at=NOW + _after(15), answer_by=NOW + _after(30))
    assert (second.attempt, second.notice_id) == (2, DOUBTED.notice_id)
    lost = FOLLOWING.after_evidence(second, NoticeState.IN_DOUBT, "no_answer", NOW + _after(30))
    given_up = FOLLOWING.not_found(lost, resend=True, newest=True, asked_at=NOW + _after(45))
    assert (given_up.state, given_up.reason) == (NoticeState.EXPIRED, "not_found")


@pytest.mark.parametrize(("resend", "newest", "elapsed"), [(False, True, 15), (True, False, 15), (True, True, 1800)])
def test_not_sent_again(resend: bool, newest: bool, elapsed: float) -> None:
    """What is not worth repeating, was overtaken or is too old is given up."""
    moved = FOLLOWING.not_found(DOUBTED, resend=resend, newest=newest, asked_at=NOW + _after(elapsed))
    assert moved.state is NoticeState.EXPIRED


def test_provider_away() -> None:
    """While the provider cannot be asked the doubt stays, until the notice is of no use any more."""
    later = NOW + _after(20)
    assert FOLLOWING.not_answered(DOUBTED, asked_at=later, now=later).state is NoticeState.IN_DOUBT
    end = INTENT.expires_at
    assert FOLLOWING.not_answered(DOUBTED, asked_at=end, now=end).reason == "unresolved"


def test_put_back() -> None:
    """An attempt that never left the house does not count."""
    back = FOLLOWING.put_back(submitted(), retry_at=NOW)
    assert (back.state, back.attempt, back.submitted_at) == (NoticeState.PLANNED, 0, None)


def test_put_back_of_the_second() -> None:
    """When the second attempt did not leave the house the notice is still the one that may be sent again."""
    back = FOLLOWING.put_back(submitted(attempt=2), retry_at=NOW)
    assert (back.attempt, is_to_be_sent_again(back)) == (1, True)


@pytest.mark.parametrize("state", [NoticeState.ACCEPTED, NoticeState.DELIVERED, NoticeState.IN_DOUBT])
def test_put_back_too_late(state: NoticeState) -> None:
    """What the provider is known to have is not put back."""
    intent = submitted(state=state)
    assert FOLLOWING.put_back(intent, retry_at=NOW) == intent


def test_receipt_while_to_be_sent_again() -> None:
    """A receipt that comes in the last moment stops the second message."""
    again = FOLLOWING.not_found(DOUBTED, resend=True, newest=True, asked_at=NOW + _after(15))
    moved = FOLLOWING.after_evidence(again, NoticeState.DELIVERED, None, NOW + _after(16))
    assert (moved.state, moved.due_at, is_to_be_sent_again(moved)) == (NoticeState.DELIVERED, None, False)


def test_waits_for_the_receipt() -> None:
    """An accepted notice without a receipt is asked for, and left alone after the last time."""
    accepted = FOLLOWING.after_evidence(submitted(), NoticeState.ACCEPTED, None, NOW)
    assert accepted.due_at == NOW + _after(60)
    assert FOLLOWING.next_poll_at(accepted, NOW + _after(60)) is None
    assert FOLLOWING.next_poll_at(replace(accepted, state=NoticeState.DELIVERED), NOW) is None
