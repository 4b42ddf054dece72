"""Batches are joined when the machine is busy, and held up by nothing when it is not or when there is a backlog."""

from shared.bus.linger import BACKLOG, linger_after


def test_a_process_rests_as_long_as_it_worked() -> None:
    """On an idle machine that is nothing; on a busy one half of the time is left to others."""
    assert linger_after(0.008, 1, most=0.1) == 0.008
    assert linger_after(0.08, 5, most=0.1) == 0.08


def test_a_rest_has_an_end() -> None:
    """A batch that waited for a server is not followed by another wait."""
    assert linger_after(30.0, 5, most=0.1) == 0.1


def test_a_backlog_is_worked_off_without_a_rest() -> None:
    """Many records at once are what patience would bring about."""
    assert linger_after(0.3, BACKLOG, most=0.1) == 0.0


def test_no_pace_is_no_rest() -> None:
    """Zero switches it off."""
    assert linger_after(0.05, 1, most=0.0) == 0.0
