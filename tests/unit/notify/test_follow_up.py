"""What is done about a notice nobody answered about."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.notify.domain.follow_up import FollowUpPolicy, is_to_be_sent_again
from services.notify.domain.states import NoticeState
from tests.unit.notify.samples import INTENT, NOW, submitted

FOLLOW_UP = FollowUpPolicy(
    doubt=(timedelta(seconds=2), timedelta(seconds=5), timedelta(seconds=15)), receipt=(timedelta(seconds=60),)
)
DOUBTED = submitted(state=NoticeState.IN_DOUBT)


def _after(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


@pytest.mark.parametrize(("elapsed", "due"), [(0, 2), (2, 5), (6, 15), (16, 31)])
def test_a_lost_answer_is_asked_for_again_and_again(elapsed: float, due: float) -> None:
    """A lost answer is asked for at the times written down, and on and on when the provider cannot be asked."""
    assert FOLLOW_UP.next_poll_at(DOUBTED, NOW + _after(elapsed)) == NOW + _after(due)


def test_a_provider_that_lags_is_not_believed_early() -> None:
    """A provider whose query lags is not believed before the last time."""
    moved = FOLLOW_UP.not_found(DOUBTED, resend=True, newest=True, asked_at=NOW + _after(5))
    assert (moved.state, moved.due_at, is_to_be_sent_again(moved)) == (NoticeState.IN_DOUBT, NOW + _after(15), False)


def test_what_never_arrived_is_sent_again_once() -> None:
    """What certainly never arrived is sent again, and never a third time."""
    again = FOLLOW_UP.not_found(DOUBTED, resend=True, newest=True, asked_at=NOW + _after(15))
    assert is_to_be_sent_again(again)
    second = again.submitted(provider="sandbox", at=NOW + _after(15), answer_by=NOW + _after(30))
    assert (second.attempt, second.notice_id) == (2, DOUBTED.notice_id)
    lost = FOLLOW_UP.after_evidence(second, NoticeState.IN_DOUBT, "no_answer", NOW + _after(30))
    given_up = FOLLOW_UP.not_found(lost, resend=True, newest=True, asked_at=NOW + _after(45))
    assert (given_up.state, given_up.reason) == (NoticeState.EXPIRED, "not_found")


@pytest.mark.parametrize(("resend", "newest", "elapsed"), [(False, True, 15), (True, False, 15), (True, True, 1800)])
def test_what_is_not_worth_repeating_is_given_up(resend: bool, newest: bool, elapsed: float) -> None:
    """What is not worth repeating, was overtaken or is too old is given up."""
    moved = FOLLOW_UP.not_found(DOUBTED, resend=resend, newest=newest, asked_at=NOW + _after(elapsed))
    assert moved.state is NoticeState.EXPIRED


def test_the_doubt_stays_while_the_provider_is_away() -> None:
    """While the provider cannot be asked the doubt stays, until the notice is of no use any more."""
    later = NOW + _after(20)
    assert FOLLOW_UP.not_answered(DOUBTED, asked_at=later, now=later).state is NoticeState.IN_DOUBT
    end = INTENT.expires_at
    assert FOLLOW_UP.not_answered(DOUBTED, asked_at=end, now=end).reason == "unresolved"


def test_an_attempt_that_never_left_does_not_count() -> None:
    """An attempt that never left the house does not count."""
    back = FOLLOW_UP.put_back(submitted(), retry_at=NOW)
    assert (back.state, back.attempt, back.submitted_at) == (NoticeState.PLANNED, 0, None)


def test_put_back_of_the_second() -> None:
    """When the second attempt did not leave the house the notice is still the one that may be sent again."""
    back = FOLLOW_UP.put_back(submitted(attempt=2), retry_at=NOW)
    assert (back.attempt, is_to_be_sent_again(back)) == (1, True)


@pytest.mark.parametrize("state", [NoticeState.ACCEPTED, NoticeState.DELIVERED, NoticeState.IN_DOUBT])
def test_put_back_too_late(state: NoticeState) -> None:
    """What the provider is known to have is not put back."""
    intent = submitted(state=state)
    assert FOLLOW_UP.put_back(intent, retry_at=NOW) == intent


def test_receipt_while_to_be_sent_again() -> None:
    """A receipt that comes in the last moment stops the second message."""
    again = FOLLOW_UP.not_found(DOUBTED, resend=True, newest=True, asked_at=NOW + _after(15))
    moved = FOLLOW_UP.after_evidence(again, NoticeState.DELIVERED, None, NOW + _after(16))
    assert (moved.state, moved.due_at, is_to_be_sent_again(moved)) == (NoticeState.DELIVERED, None, False)


def test_waits_for_the_receipt() -> None:
    """An accepted notice without a receipt is asked for, and left alone after the last time."""
    accepted = FOLLOW_UP.after_evidence(submitted(), NoticeState.ACCEPTED, None, NOW)
    assert accepted.due_at == NOW + _after(60)
    assert FOLLOW_UP.next_poll_at(accepted, NOW + _after(60)) is None
    assert FOLLOW_UP.next_poll_at(replace(accepted, state=NoticeState.DELIVERED), NOW) is None


def test_still_accepted_is_asked_for_at_the_next_time() -> None:
    """A look-up that finds a notice accepted, as it was, is repeated at the next time written down, then never."""
    policy = FollowUpPolicy(doubt=FOLLOW_UP.doubt, receipt=(_after(60), _after(300)))
    accepted = submitted(state=NoticeState.ACCEPTED, due_at=NOW + _after(75))
    again = policy.after_evidence(accepted, NoticeState.ACCEPTED, None, NOW + _after(61))
    assert again == replace(accepted, due_at=NOW + _after(300))
    assert policy.after_evidence(again, NoticeState.ACCEPTED, None, NOW + _after(301)).due_at is None
    assert policy.after_evidence(again, NoticeState.IN_DOUBT, "late", NOW + _after(61)) == again
