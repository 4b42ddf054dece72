"""Each hop alone: how fast it is beside the bare loop's, and what a contact costs there.

The services run one after the other over the same backlog: intake reads the contacts, sla what intake wrote, and so on.
The rate is that of the contacts after the first batch, by the times of what was said; the costs are all of a hop's,
less what its process used to start. What a hop reads later of the others' events is the line ``hearing the rest``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import asyncpg

from bench.arena import BARE, OURS, Arena, Contestant
from bench.feed import Feed
from bench.figures import short
from bench.plan import Plan
from bench.race import RUN, WARM_UP
from bench.statements import Statements, count, log_statements
from bench.table import Block
from bench.workload import Contact, contacts
from deploy.local.kafka import DATA
from deploy.local.kafka import NAME as KAFKA
from deploy.local.postgres import NAME as POSTGRES

SAID_BY: Final = {"intake": "opened", "sla": "promised", "routing": "assigned", "notify": "notice.suppressed"}
"""The hops in the order in which they run, and the last event each says about a contact."""

REST: Final = "hearing the rest"
FIRST_BATCH: Final = 500
ASKED: Final = 1000
"""Contacts of the pass that counts statements: logging them takes its time, so nothing else is measured then."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one hop: contacts a second, and for one contact milliseconds of CPU (its own, PostgreSQL's, Kafka's), bytes
    of WAL, and bytes its topics grew by."""

    rate: float | None
    service: float
    postgres: float
    kafka: float
    wal: float
    written: float


async def measure(arena: Arena, plan: Plan) -> Block:
    """Ours and the bare loop, and the statements of ours in a pass of its own."""
    backlog = contacts(RUN, WARM_UP + plan.hop_backlog)[WARM_UP:]
    costs: dict[Contestant, dict[str, Cost]] = {}
    for one in (OURS, BARE):
        with arena.progress.step(f"Each hop alone, {len(backlog):,} contacts: {one.label}"):
            costs[one] = await _costs(arena, one, backlog)
    asked = backlog[:ASKED]
    with arena.progress.step(f"The statements of each hop, {len(asked):,} contacts"):
        statements = await _statements(arena, asked)
    return _block(costs[OURS], costs[BARE], statements, len(backlog), len(asked))


async def _costs(arena: Arena, contestant: Contestant, backlog: Sequence[Contact]) -> dict[str, Cost]:
    await arena.rest()
    await arena.reset(contestant)
    boot = await _boot(arena, contestant)
    connection = await arena.connect(contestant)
    found = {}
    try:
        async with arena.feed(contestant) as feed:
            for name, hops in _passes():
                before, wal, written = arena.usage(), await _wal(connection), _topic_bytes(arena, contestant)
                await feed.mark()
                await _pass(arena, contestant, feed, hops, backlog)
                used = arena.usage().since(before).cpu_seconds
                own = sum(
                    seconds - boot[process] for process, seconds in used.items() if process in _names(contestant, hops)
                )
                each = 1000 / len(backlog)
                found[name] = Cost(
                    _rate([one.timestamp for one in feed.said.of(SAID_BY.get(name, ""))]),
                    own * each,
                    used[POSTGRES] * each,
                    used[KAFKA] * each,
                    (await _wal(connection) - wal) / len(backlog),
                    (_topic_bytes(arena, contestant) - written) / len(backlog),
                )
                await arena.rest()
    finally:
        await connection.close()
    return found


async def _boot(arena: Arena, contestant: Contestant) -> dict[str, float]:
    """CPU seconds of each process until it is ready, started alone as in the passes: side by side it takes more."""
    boot: dict[str, float] = {}
    for hop in SAID_BY:
        await arena.run(contestant.only(hop))
        boot |= arena.usage().cpu_seconds
        await arena.rest()
    return boot


async def _statements(arena: Arena, backlog: Sequence[Contact]) -> dict[str, Statements]:
    await arena.rest()
    await arena.reset(OURS)
    connection = await arena.connect(OURS)
    log = arena.root / "log" / f"{POSTGRES}.log"
    found = {}
    try:
        without = await connection.fetchval("select pg_backend_pid()")
        await log_statements(connection, True)
        async with arena.feed(OURS) as feed:
            for name, hops in _passes():
                start = log.stat().st_size
                await feed.mark()
                await _pass(arena, OURS, feed, hops, backlog)
                await arena.rest()
                found[name] = count(log, start, without=without)
    finally:
        await log_statements(connection, False)
        await connection.close()
    return found


def _passes() -> list[tuple[str, tuple[str, ...]]]:
    return [*((hop, (hop,)) for hop in SAID_BY), (REST, ("intake", "sla"))]


async def _pass(
    arena: Arena, contestant: Contestant, feed: Feed, hops: tuple[str, ...], backlog: Sequence[Contact]
) -> None:
    """These hops run until they have nothing left to do."""
    if "intake" in hops and len(hops) == 1:
        await feed.contacts(backlog)
    await arena.run(contestant.only(*hops))
    for hop in hops if len(hops) == 1 else ():
        await feed.until(SAID_BY[hop], len(backlog))
    await feed.until_idle([contestant.group(hop) for hop in hops])


def _rate(milliseconds: Sequence[int]) -> float | None:
    """Of the contacts after the first batch: that one was waiting while the process started."""
    ordered = sorted(milliseconds)
    later = len(ordered) - FIRST_BATCH
    if later <= 0 or ordered[-1] == ordered[FIRST_BATCH - 1]:
        return None
    return later * 1000 / (ordered[-1] - ordered[FIRST_BATCH - 1])


def _names(contestant: Contestant, hops: tuple[str, ...]) -> set[str]:
    return {name for service in contestant.only(*hops).services for name in service.instances()}


async def _wal(connection: asyncpg.Connection) -> int:
    return int(await connection.fetchval("select pg_current_wal_insert_lsn() - '0/0'::pg_lsn"))


def _topic_bytes(arena: Arena, contestant: Contestant) -> int:
    """What ticket events and notices take on Kafka's disk, without its indexes."""
    names = [f"{contestant.prefix}support.{kind}.v1-*" for kind in ("ticket", "notice")]
    return sum(file.stat().st_size for name in names for file in (arena.root / "kafka" / DATA).glob(f"{name}/*.log"))


def _block(
    ours: Mapping[str, Cost], bare: Mapping[str, Cost], statements: Mapping[str, Statements], backlog: int, asked: int
) -> Block:
    rows, figures = [], {}
    for name, cost in ours.items():
        beside, asked_for = bare[name], statements[name]
        ratio = cost.rate / beside.rate if cost.rate and beside.rate else None
        batches = max(1, asked_for.batches)
        rows.append(
            (
                name,
                short(cost.rate) if cost.rate else "",
                short(beside.rate) if beside.rate else "",
                short(ratio) if ratio else "",
                f"{cost.service:.2f} + {cost.postgres:.2f} + {cost.kafka:.2f}",
                f"{beside.service:.2f} + {beside.postgres:.2f} + {beside.kafka:.2f}",
                f"{cost.wal:,.0f} / {beside.wal:,.0f}",
                f"{cost.written:,.0f}",
                f"{short(asked_for.in_batches / batches)}",
                f"{short(asked_for.all / asked)}",
            )
        )
        figures[name] = _figures(cost, beside, asked_for)
    return Block(
        "Each hop alone",
        (
            "",
            "contacts/s",
            "bare loop",
            "ratio",
            "CPU ms a contact: service + PostgreSQL + Kafka",
            "the same, bare loop",
            "WAL bytes a contact, ours / bare",
            "bytes on Kafka a contact",
            "statements a batch",
            "statements a contact, all",
        ),
        tuple(rows),
        figures,
        note=(
            f"{backlog:,} contacts that wait when the hop starts. Statements are those PostgreSQL logged for {asked:,} "
            f"contacts, with BEGIN and COMMIT; a batch is the transaction that moves the offsets; all is everything "
            f"of the process, loops and readiness checks included. Kafka's CPU includes its clients' idle polls."
        ),
    )


def _figures(cost: Cost, beside: Cost, statements: Statements) -> dict[str, Any]:
    return {
        "ours": {name: getattr(cost, name) for name in Cost.__slots__},
        "bare loop": {name: getattr(beside, name) for name in Cost.__slots__},
        "statements": {
            "batches": statements.batches,
            "in_batches": statements.in_batches,
            "publications": statements.publications,
            "in_publications": statements.in_publications,
            "others": statements.others,
        },
    }
