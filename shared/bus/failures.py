"""What went wrong decides what is done: try again, give up on one record, or end this process."""

import asyncio

import asyncpg
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError


class FenceLostError(Exception):
    """Another process owns these partitions now. Whatever this one did in the transaction is rolled back."""


class RecordsLostError(Exception):
    """A log is not what we remember, and a person has to know: records were removed unread, or it is another log."""

    @classmethod
    def at(cls, place: TopicPartition, what: str, expected: int, start: int, end: int) -> "RecordsLostError":
        """With what a person has to know: ``expected`` is our next offset; the log lies from ``start`` to ``end``."""
        return cls(
            f"{place.topic}[{place.partition}] is not what it was ({what}): it is processed up to {expected}, and now "
            f"lies from {start} to {end}. What is missing is the life of tickets that other services go on from. To go "
            f"on with what is there, set KEFU_BUS_ON_LOST_RECORDS=continue for one start."
        )


class HaltedError(Exception):
    """Too many records in a row failed in the handler. Consuming stops until a person has looked."""


TRANSIENT_STATES = frozenset({"08", "40", "53", "57", "58"})
"""SQLSTATE classes that pass: connection, rollback, resources, operator, system (PostgreSQL, appendix A)."""

TRANSIENT_CODES = frozenset({"55P03", "25P03", "55006", "XX000"})
"""Lock timeout, idle-in-transaction timeout, object in use, internal error during a crash."""


def is_transient(error: BaseException) -> bool:
    """Whether the same work may succeed a little later, with nothing changed but time."""
    if isinstance(error, asyncpg.PostgresError):
        state = getattr(error, "sqlstate", None) or ""
        return state[:2] in TRANSIENT_STATES or state in TRANSIENT_CODES
    return isinstance(
        error, asyncpg.InterfaceError | asyncpg.InternalClientError | KafkaError | OSError | asyncio.TimeoutError
    )


def backoff_seconds(attempt: int, *, first: float = 0.05, most: float = 2.0) -> float:
    """How long to wait before the next try; doubles from ``first`` to ``most``. ``attempt`` counts from 0."""
    return min(first * 2.0 ** min(attempt, 16), most)


def describe(error: BaseException) -> str:
    """The error for a person, without the data a database or its driver adds to its message."""
    if isinstance(error, asyncpg.DataError):  # quotes the value, from whichever record of the batch
        return f"a value does not fit its column (SQLSTATE {error.sqlstate})"
    return str(error.args[0] if isinstance(error, asyncpg.PostgresError) and error.args else error) or repr(error)


def for_log(error: BaseException) -> str:
    """The error for a log line: its class, and what ``describe`` says of it."""
    return f"{type(error).__name__}: {describe(error)}"
