"""From contact to agent at a steady rate: from Kafka's time of the contact to its time of ``assigned``."""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bench.arena import OURS, Arena
from bench.feed import Feed, TookTooLongError
from bench.figures import percentile, short
from bench.plan import Plan
from bench.race import RUN, WARM_UP
from bench.table import Block
from bench.workload import Contact, contacts
from shared.contracts.services import SERVICES as HOPS

KEEPS_UP: Final = 0.9
"""A share of the contacts sent that have to be assigned by the end of the sending; below it the system saturates."""


@dataclass(frozen=True, slots=True)
class AtRate:
    """One rate: what was asked for, what was sent and assigned a second while it lasted, and the latencies."""

    asked: int
    sent: float
    assigned: float
    seconds: tuple[float, ...]

    @property
    def saturated(self) -> bool:
        """Whether more came in than went out."""
        return self.assigned < KEEPS_UP * self.sent


async def measure(arena: Arena, plan: Plan) -> Block:
    """One rate after the other, on the same running processes."""
    await arena.rest()
    await arena.reset(OURS)
    found = []
    async with arena.feed(OURS) as feed:
        await arena.run(OURS)
        await feed.contacts(contacts(RUN, WARM_UP))
        await feed.until("assigned", WARM_UP)
        sent = WARM_UP
        for rate, seconds in zip(plan.rates, plan.rate_seconds, strict=True):
            await feed.until_idle([OURS.group(hop) for hop in HOPS])
            with arena.progress.step(f"Latency at {rate:,} contacts/s") as step:
                wanted = contacts(RUN, round(rate * seconds), start=sent)
                one = await _at(feed, rate, wanted)
                sent += len(wanted)
                step.label += f": p50 {percentile(one.seconds, 0.5):.2f} s"
                found.append(one)
    return _block(found)


async def _at(feed: Feed, rate: int, wanted: Sequence[Contact]) -> AtRate:
    await feed.mark()
    sending = []
    began = time.monotonic()
    for number, one in enumerate(wanted):
        ahead = began + number / rate - time.monotonic()
        if ahead > 0:
            await asyncio.sleep(ahead)
        sending.append(await feed.send(one))
    sent_at = [record.timestamp for record in await asyncio.gather(*sending)]
    try:
        await feed.until("assigned", len(wanted), seconds=180)
    except TookTooLongError as error:
        raise TookTooLongError(f"at {rate} contacts/s: {error}") from None
    contact_of = {record.key: json.loads(record.value)["contact_id"] for record in feed.said.of("opened")}
    published = {one.contact_id: at for one, at in zip(wanted, sent_at, strict=True)}
    assigned = feed.said.of("assigned")
    latencies = tuple((record.timestamp - published[contact_of[record.key]]) / 1000 for record in assigned)
    first, last = min(sent_at), max(sent_at)
    span = max((last - first) / 1000, 0.001)
    settled = percentile(latencies, 0.5) * 1000 if len(wanted) > 1 else 0
    done = sum(1 for record in assigned if record.timestamp <= last + min(settled, 1000))
    return AtRate(rate, (len(wanted) - 1) / span, done / (span + min(settled, 1000) / 1000), latencies)


def _block(found: list[AtRate]) -> Block:
    rows = tuple(
        (
            f"{one.asked:,} contacts/s",
            short(one.sent),
            short(one.assigned),
            *(f"{percentile(one.seconds, share) * 1000:,.0f} ms" for share in (0.5, 0.99)),
            f"{max(one.seconds) * 1000:,.0f} ms",
            f"saturated at {short(one.assigned)}/s" if one.saturated else "keeps up",
        )
        for one in found
    )
    figures: Mapping[str, Any] = {
        f"{one.asked}/s": {
            "contacts": len(one.seconds),
            "sent_per_second": one.sent,
            "assigned_per_second": one.assigned,
            "p50_seconds": percentile(one.seconds, 0.5),
            "p99_seconds": percentile(one.seconds, 0.99),
            "saturated": one.saturated,
        }
        for one in found
    }
    return Block(
        "From contact to assigned, one process each",
        ("asked for", "sent/s", "assigned/s meanwhile", "p50", "p99", "longest", ""),
        rows,
        dict(figures),
        note=(
            "Times are Kafka's, of the contact and of the event that says who has the ticket; the sender is this "
            "machine's, too. Where it is saturated, latency is the length of the queue and grows as long as it lasts."
        ),
    )
