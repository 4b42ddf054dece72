"""What went wrong decides what is done: whether time alone may mend it, whose fault it is, and what is said of it."""

import asyncio
from enum import Enum
from typing import Final

import asyncpg
from aiokafka.errors import KafkaError

TRANSIENT_STATES = frozenset({"08", "40", "53", "57", "58"})
"""SQLSTATE classes that pass: connection, rollback, resources, operator, system (PostgreSQL, appendix A)."""

LOCK_TIMEOUT: Final = "55P03"
READ_ONLY: Final = "25006"
"""An old primary after a failover, a managed server whose disk is full."""

TOO_SLOW: Final = frozenset({"57014", "25P03", "25P04"})
"""Statement, idle-in-transaction and transaction timeout."""

TRANSIENT_CODES = frozenset({LOCK_TIMEOUT, READ_ONLY, "25P03", "25P04", "55006", "XX000"})
"""Beside those: object in use, internal error during a crash."""

LONG_SECONDS: Final = 10.0
"""A transaction that ends otherwise than it should after so long was too slow, whoever ended it."""


class Blame(Enum):
    """Whose fault a failed transaction is, as far as it shows."""

    OURS = "of the record or of our code: time mends nothing"
    LOCKED = "somebody holds what it needs"
    SLOW = "it takes longer than it may"
    AWAY = "the database or the way to it is unwell"


def is_transient(error: BaseException) -> bool:
    """Whether the same work may succeed a little later, with nothing changed but time."""
    if isinstance(error, asyncpg.PostgresError):
        state = state_of(error)
        return state[:2] in TRANSIENT_STATES or state in TRANSIENT_CODES
    return isinstance(
        error, asyncpg.InterfaceError | asyncpg.InternalClientError | KafkaError | OSError | asyncio.TimeoutError
    )


class TooSlowError(TimeoutError):
    """A transaction took longer than it may, and was rolled back."""


def blame_for(error: BaseException, seconds: float) -> Blame:
    """Whose fault it is that a transaction failed with ``error`` after so many seconds."""
    if not is_transient(error):
        return Blame.OURS
    state = state_of(error)
    if state == LOCK_TIMEOUT:
        return Blame.LOCKED
    is_slow = isinstance(error, TooSlowError) or state in TOO_SLOW or seconds > LONG_SECONDS
    return Blame.SLOW if is_slow else Blame.AWAY


def state_of(error: BaseException) -> str:
    """The SQLSTATE; empty where there is none."""
    return getattr(error, "sqlstate", None) or "" if isinstance(error, asyncpg.PostgresError) else ""


def describe(error: BaseException) -> str:
    """The error for a person, without the data a database or its driver adds to its message."""
    if isinstance(error, asyncpg.DataError):  # quotes the value, from whichever record of the batch
        return f"a value does not fit its column (SQLSTATE {error.sqlstate})"
    return str(error.args[0] if isinstance(error, asyncpg.PostgresError) and error.args else error) or repr(error)


def for_log(error: BaseException) -> str:
    """The error for a log line: its class, and what ``describe`` says of it."""
    return f"{type(error).__name__}: {describe(error)}"
