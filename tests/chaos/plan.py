"""Which fault strikes whom, when and for how long: a pure function of the seed."""

from collections.abc import Sequence
from random import Random

from tests.chaos.fault import REPLICAS, Fault, Step


def plan(seed: int, count: int, faults: Sequence[type[Fault]]) -> tuple[Step, ...]:
    """``count`` steps in which every fault comes as often as its weight says, in an order drawn by the seed."""
    random = Random(f"plan/{seed}")
    kinds: list[type[Fault]] = []
    while len(kinds) < count:
        kinds += random.sample(faults, len(faults))
        kinds += [fault for fault in faults for _ in range(fault.weight - 1)]
    kinds = kinds[:count]
    random.shuffle(kinds)
    return tuple(_step(number, fault, random) for number, fault in enumerate(kinds, start=1))


def _step(number: int, fault: type[Fault], random: Random) -> Step:
    shortest, longest = fault.seconds
    return Step(
        number=number,
        kind=fault.name,
        service=random.choice(fault.services),
        replica=random.randint(1, REPLICAS),
        detail=random.choice(fault.details),
        seconds=round(random.uniform(shortest, longest), 2),
        calm=round(random.uniform(0.4, 1.2), 2),
    )
