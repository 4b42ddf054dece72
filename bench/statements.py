"""What PostgreSQL was asked to execute, counted from its own log: every statement of every transaction.

The wheel's server has no ``pg_stat_statements``. With ``log_statement = all`` each execution is a line: also BEGIN and
COMMIT, COPY once, and ``executemany`` once for each row.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import asyncpg

_LINE: Final = re.compile(r"^\S+ \S+ \S+ \[(\d+)\] (LOG|ERROR|STATEMENT|DETAIL|WARNING|FATAL|HINT|CONTEXT):  (.*)$")
_EXECUTED: Final = re.compile(r"(?:statement|execute [^:]+):\s(.*)", re.DOTALL)
_BATCH: Final = "update consumer_offset"
_PUBLICATION: Final = "delete from outbox"


@dataclass(slots=True)
class Statements:
    """Counts. ``batches`` and ``publications`` are transactions; what is in neither is loops, claims and checks."""

    batches: int = 0
    in_batches: int = 0
    publications: int = 0
    in_publications: int = 0
    others: int = 0
    kinds: Counter[str] = field(default_factory=Counter)

    @property
    def all(self) -> int:
        """Every statement."""
        return self.in_batches + self.in_publications + self.others


async def log_statements(connection: asyncpg.Connection, on: bool) -> None:
    """Turns the log of statements on or off, for everybody at once."""
    await connection.execute("alter system set log_parameter_max_length = 0")
    await connection.execute(f"alter system set log_statement = '{'all' if on else 'none'}'")
    await connection.execute("select pg_reload_conf()")


def count(log: Path, start: int, *, without: int) -> Statements:
    """Counts what the log says from byte ``start`` on; ``without`` is the backend of the benchmark itself."""
    open_transactions: dict[int, list[str]] = {}
    found = Statements()
    for pid, statement in _executed(log, start):
        if pid == without:
            continue
        text = " ".join(statement.lower().split())
        if text.startswith("begin"):
            open_transactions[pid] = [text]
        elif pid in open_transactions:
            open_transactions[pid].append(text)
            if text.startswith(("commit", "rollback")):
                _add(found, open_transactions.pop(pid))
        else:
            found.others += 1
    return found


def _add(found: Statements, transaction: list[str]) -> None:
    if any(one.startswith(_BATCH) for one in transaction):
        found.batches += 1
        found.in_batches += len(transaction)
        found.kinds.update(transaction)
    elif any(one.startswith(_PUBLICATION) for one in transaction):
        found.publications += 1
        found.in_publications += len(transaction)
    else:
        found.others += len(transaction)


def _executed(log: Path, start: int) -> list[tuple[int, str]]:
    lines = _text(log, start).splitlines()
    found: list[tuple[int, list[str]]] = []
    for line in lines:
        entry = _LINE.match(line)
        if entry is None:
            if found:
                found[-1][1].append(line)
        elif entry[2] == "LOG":
            found.append((int(entry[1]), [entry[3]]))
    statements = ((pid, _EXECUTED.match("\n".join(text))) for pid, text in found)
    return [(pid, match[1]) for pid, match in statements if match]


def _text(log: Path, start: int) -> str:
    """The log may have been put aside for a new one meanwhile, at ten megabytes."""
    data = log.read_bytes()
    if len(data) < start:
        data = log.with_name(f"{log.name}.1").read_bytes()[start:] + data
        return data.decode("utf-8", "replace")
    return data[start:].decode("utf-8", "replace")
