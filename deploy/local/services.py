"""The services of the checkout, and how many processes of each."""

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from deploy.local.errors import StackError
from shared.contracts import services

MOST_PROCESSES: Final = 64


@dataclass(frozen=True)
class Service:
    """One kind of process: its command, run `count` times, each with an HTTP port and `/readyz` of its own."""

    name: str
    command: tuple[str, ...]
    count: int = 1

    def instances(self) -> list[str]:
        """The names of its processes: `<name>-1` to `<name>-<count>`."""
        return [f"{self.name}-{number}" for number in range(1, self.count + 1)]


def _module(name: str, module: str) -> Service:
    return Service(name, (sys.executable, "-m", module))


SERVICES: Final = tuple(_module(name, f"services.{name}") for name in services.SERVICES)
# The sandbox for SMS and push: it stands for the outside world, and one of it is enough.
CARRIER: Final = _module("carrier", "deploy.carrier")

# What must have succeeded before a service starts: the log each writes, and its command.
PREPARATION: Final[Mapping[str, tuple[str, ...]]] = {
    "migrate": (sys.executable, "-m", "services.migrate"),
    "topics": (sys.executable, "-m", "shared.bus.topics"),
}


def scaled_services(scale: str) -> tuple[Service, ...]:
    """All services and the carrier, by a scale such as `routing=2 sla=3`; what it does not name runs once."""
    counts = parse_scale(scale)
    return (*(replace(service, count=counts.get(service.name, 1)) for service in SERVICES), CARRIER)


def parse_scale(scale: str) -> dict[str, int]:
    """`routing=2 sla=3`, also with commas, as counts; a name or number that cannot be is refused."""
    names = [service.name for service in SERVICES]
    counts: dict[str, int] = {}
    for word in re.split(r"[\s,]+", scale.strip()):
        name, _, number = word.partition("=")
        if not word:
            continue
        if name not in names or not number.isdecimal() or int(number) > MOST_PROCESSES:
            raise StackError(
                f"SCALE has {word!r}, which is not <service>=<number up to {MOST_PROCESSES}>.",
                hint=f'for example SCALE="routing=2 sla=3"; services are {", ".join(names)}',
            )
        counts[name] = int(number)
    return counts
