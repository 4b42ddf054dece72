"""Evidence moves a notice forward and never back, however it comes."""

from hypothesis import given
from hypothesis import strategies as st

from services.notify.domain.states import NOT_YET_SENT, NoticeState, after

EVIDENCE = [
    NoticeState.IN_DOUBT,
    NoticeState.ACCEPTED,
    NoticeState.REJECTED,
    NoticeState.EXPIRED,
    NoticeState.UNDELIVERED,
    NoticeState.DELIVERED,
]
evidence = st.lists(st.sampled_from(EVIDENCE), max_size=8)


def _end(said: list[NoticeState], start: NoticeState = NoticeState.SUBMITTING) -> NoticeState:
    for one in said:
        start = after(start, one)
    return start


@given(evidence, st.randoms(use_true_random=False))
def test_evidence_in_any_order_ends_in_the_same_state(said: list[NoticeState], random: object) -> None:
    """The same receipts, answers and look-ups in another order, each any number of times, end in the same state."""
    shuffled = said + said
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert _end(shuffled) is _end(said)


@given(evidence)
def test_nothing_takes_back_a_delivery(said: list[NoticeState]) -> None:
    """Nothing takes back that the handset got it."""
    assert _end(said, NoticeState.DELIVERED) is NoticeState.DELIVERED


@given(st.sampled_from(sorted({*NOT_YET_SENT, NoticeState.SUPPRESSED, NoticeState.BLOCKED})), evidence)
def test_what_was_never_sent_cannot_be_delivered(state: NoticeState, said: list[NoticeState]) -> None:
    """What was never sent cannot have been delivered, whatever a receipt claims."""
    assert _end(said, state) is state


def test_receipt_before_the_answer() -> None:
    """An answer that comes after the receipt changes nothing any more."""
    assert _end([NoticeState.DELIVERED, NoticeState.ACCEPTED]) is NoticeState.DELIVERED


def test_a_late_receipt_delivers_what_was_given_up() -> None:
    """A notice given up as lost is delivered after all when its receipt comes."""
    assert _end([NoticeState.IN_DOUBT, NoticeState.EXPIRED, NoticeState.DELIVERED]) is NoticeState.DELIVERED
