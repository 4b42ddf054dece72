"""Whose fault a failed transaction is, as far as it shows."""

import asyncpg
import pytest
from aiokafka.errors import KafkaConnectionError

from shared.failures import Blame, TooSlowError, blame_for

GONE = asyncpg.InterfaceError("the underlying connection is closed")


@pytest.mark.parametrize(
    ("error", "seconds", "blame"),
    [
        (ZeroDivisionError(), 0.1, Blame.OURS),
        (asyncpg.UniqueViolationError("x"), 0.1, Blame.OURS),
        (asyncpg.LockNotAvailableError("x"), 2.0, Blame.LOCKED),
        (TooSlowError("x"), 1.5, Blame.SLOW),
        (asyncpg.QueryCanceledError("x"), 30.0, Blame.SLOW),
        (asyncpg.IdleInTransactionSessionTimeoutError("x"), 15.0, Blame.SLOW),
        (GONE, 15.1, Blame.SLOW),
        (GONE, 0.2, Blame.AWAY),
        (asyncpg.AdminShutdownError("x"), 0.2, Blame.AWAY),
        (asyncpg.ReadOnlySQLTransactionError("x"), 0.1, Blame.AWAY),
        (asyncpg.CannotConnectNowError("x"), 0.0, Blame.AWAY),
        (asyncpg.DiskFullError("x"), 0.1, Blame.AWAY),
        (asyncpg.DeadlockDetectedError("x"), 1.0, Blame.AWAY),
        (ConnectionRefusedError(), 0.0, Blame.AWAY),
        (TimeoutError(), 5.0, Blame.AWAY),
        (KafkaConnectionError(), 0.1, Blame.AWAY),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_a_failure_is_put_down_to_whoever_can_end_it(error: Exception, seconds: float, blame: Blame) -> None:
    """The record's own fault, somebody's lock, too much work, or a database that is away are told apart."""
    assert blame_for(error, seconds) is blame
