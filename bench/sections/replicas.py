"""One, two and three processes of every service: on two cores the question is whether more of them do harm."""

from bench.arena import OURS, Arena
from bench.figures import Spread, short
from bench.plan import Plan
from bench.race import RUN, WARM_UP, race
from bench.table import Block
from bench.workload import contacts

COUNTS = (1, 2, 3)


async def measure(arena: Arena, plan: Plan) -> Block:
    """In turns, so that a busy moment of the machine does not hit one of them alone."""
    sent = contacts(RUN, WARM_UP + plan.backlog)
    rates: dict[int, list[float]] = {count: [] for count in COUNTS}
    for turn in range(max(1, plan.rounds - 1)):
        for count in COUNTS:
            with arena.progress.step(f"Replicas, round {turn + 1}: {count} of each") as step:
                result = await race(arena, OURS.times(count), sent[:WARM_UP], sent[WARM_UP:])
                step.label += f", {short(result.rate)} contacts/s"
                rates[count].append(result.rate)
    return Block(
        "Replicas",
        ("processes of each service", "contacts/s", "beside one"),
        tuple(
            (
                str(count),
                str(Spread.of(found)),
                short(Spread.of(found).median / Spread.of(rates[1]).median),
            )
            for count, found in rates.items()
        ),
        {str(count): found for count, found in rates.items()},
        note=(
            "Twelve service processes, Kafka, PostgreSQL and the benchmark share the cores named above: this shows "
            "what more processes cost, not what more machines give."
        ),
    )
