"""Batches are joined when they come one after the other, and held up by nothing when they do not."""

from shared.bus.pace import BATCHES_AT_ONCE, BatchPace


def test_a_few_batches_follow_each_other_at_once() -> None:
    """The events of one contact wait for nothing."""
    pace = BatchPace(0.05)
    assert [pace.pause_after(10.0 + number / 1000) for number in range(BATCHES_AT_ONCE)] == [0.0] * BATCHES_AT_ONCE


def test_a_steady_stream_of_batches_is_spread_out() -> None:
    """However fast they would follow each other, one batch ends in each interval."""
    pace, now, ends = BatchPace(0.05), 10.0, []
    for _ in range(200):
        now += 0.002
        ends.append(now)
        now += pace.pause_after(now)
    assert 19 <= sum(12 <= end < 13 for end in ends) <= 21


def test_batches_that_take_long_are_not_held_up() -> None:
    """A backlog is worked off at full speed."""
    pace = BatchPace(0.05)
    assert sum(pace.pause_after(10.0 + 0.06 * number) for number in range(100)) == 0.0


def test_no_pace_is_no_pause() -> None:
    """Zero switches it off."""
    pace = BatchPace(0.0)
    assert sum(pace.pause_after(10.0) for _ in range(100)) == 0.0
