"""A log stays readable while a server is away."""

import logging

from shared.telemetry.repetition import OnceInAWhile


def _record(text: str, *arguments: object) -> logging.LogRecord:
    return logging.LogRecord("aiokafka", logging.ERROR, __file__, 1, text, arguments, None)


def test_the_same_message_comes_once_in_a_while() -> None:
    """Of what is said forty times a second, one line in ten seconds remains, and tells how many it stands for."""
    now = [0.0]
    let_through = OnceInAWhile(clock=lambda: now[0])
    passed = []
    for tick in range(401):
        now[0] = tick / 40
        record = _record("no connection to node %s", tick)
        if let_through.filter(record):
            passed.append(record.getMessage())
    assert passed == ["no connection to node 0", "no connection to node 400 (399 more like it before)"]


def test_different_messages_do_not_hide_each_other() -> None:
    """What is said for the first time is always heard."""
    let_through = OnceInAWhile(clock=lambda: 0.0)
    assert [let_through.filter(_record(text)) for text in ("one", "two", "one")] == [True, True, False]
