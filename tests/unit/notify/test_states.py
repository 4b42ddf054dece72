"""Evidence moves a notice forward and never back, however it comes."""

from hypothesis import given
from hypothesis import strategies as st

from services.notify.domain.states import NOT_YET_SENT, State, after

EVIDENCE = [State.IN_DOUBT, State.ACCEPTED, State.REJECTED, State.EXPIRED, State.UNDELIVERED, State.DELIVERED]
evidence = st.lists(st.sampled_from(EVIDENCE), max_size=8)


def _end(said: list[State], start: State = State.SUBMITTING) -> State:
    for one in said:
        start = after(start, one)
    return start


@given(evidence, st.randoms(use_true_random=False))
def test_any_order(said: list[State], random: object) -> None:
    """The same receipts, answers and look-ups in another order, each any number of times, end in the same state."""
    shuffled = said + said
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert _end(shuffled) is _end(said)


@given(evidence)
def test_delivered_is_final(said: list[State]) -> None:
    """Nothing takes back that the handset got it."""
    assert _end(said, State.DELIVERED) is State.DELIVERED


@given(st.sampled_from(sorted({*NOT_YET_SENT, State.SUPPRESSED, State.BLOCKED})), evidence)
def test_never_sent(state: State, said: list[State]) -> None:
    """What was never sent cannot have been delivered, whatever a receipt claims."""
    assert _end(said, state) is state


def test_receipt_before_the_answer() -> None:
    """An answer that comes after the receipt changes nothing any more."""
    assert _end([State.DELIVERED, State.ACCEPTED]) is State.DELIVERED


def test_late_receipt() -> None:
    """A notice given up as lost is delivered after all when its receipt comes."""
    assert _end([State.IN_DOUBT, State.EXPIRED, State.DELIVERED]) is State.DELIVERED
