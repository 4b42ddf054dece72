"""Contacts a second through all services, beside a bare loop and beside one message a transaction, in turns."""

from typing import Final

from bench.arena import BARE, CONTESTANTS, ONE, OURS, Arena, Contestant
from bench.figures import Spread, short
from bench.plan import Plan
from bench.race import RUN, WARM_UP, Result, race
from bench.table import Block, Goal
from bench.workload import contacts

GOALS: Final = {BARE: 0.5, ONE: 10.0}


async def measure(arena: Arena, plan: Plan) -> Block:
    """The same contacts for all, but fewer for the slow one."""
    results: dict[Contestant, list[Result]] = {one: [] for one in CONTESTANTS}
    for turn in range(plan.rounds):
        for one in CONTESTANTS:
            count, warm_up = (plan.few, WARM_UP // 10) if one is ONE else (plan.backlog, WARM_UP)
            with arena.progress.step(f"Throughput, round {turn + 1}: {one.label}") as step:
                sent = contacts(RUN, warm_up + count)
                result = await race(arena, one, sent[:warm_up], sent[warm_up:])
                step.label += f", {short(result.rate)} contacts/s"
                results[one].append(result)
    return _block(results)


def _block(results: dict[Contestant, list[Result]]) -> Block:
    ours = [one.rate for one in results[OURS]]
    rows, goals, figures = [], [], {}
    for contestant, rounds in results.items():
        ratios = [mine / result.rate for mine, result in zip(ours, rounds, strict=True)]
        rates = Spread.of([result.rate for result in rounds])
        rows.append(
            (
                contestant.label,
                f"{rounds[0].contacts:,}",
                str(rates),
                "1" if contestant is OURS else str(Spread.of(ratios)),
            )
        )
        figures[contestant.label] = {
            "contacts": rounds[0].contacts,
            "contacts_per_second": [result.rate for result in rounds],
            "ours_beside_it": ratios,
        }
        if contestant in GOALS:
            wanted = GOALS[contestant]
            ratio = Spread.of(ratios)
            goals.append(
                Goal(
                    f"throughput, ours beside the {contestant.label}",
                    f"{ratio}×",
                    f"≥ {wanted:g}×",
                    ratio.median >= wanted,
                )
            )
    return Block(
        "Throughput, all services, one process each",
        ("", "contacts", "contacts/s", "ours beside it"),
        tuple(rows),
        figures,
        tuple(goals),
        f"Median of {len(ours)} rounds in turns (lowest-highest), each on empty tables with processes just started and "
        f"some contacts to warm up; from the first contact published to the last ticket assigned.",
    )
