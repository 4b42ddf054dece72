"""What the world outside does: garbage on every topic that is read, and a carrier that dies."""

import signal
from typing import ClassVar

from tests.chaos.fault import Fault, Step
from tests.chaos.garbage import GARBAGE
from tests.chaos.house import House


class Garbage(Fault):
    """Records nobody can read, on every topic that is read."""

    name = "garbage on every topic"
    services = ("kafka",)
    quick = True

    async def strike(self, house: House, step: Step) -> None:
        await house.throw(step.number, GARBAGE)


class CarrierKilled(Fault):
    """kill -9 of the carrier in the middle of its calls; it comes back, and knows what it took."""

    name = "carrier kill -9"
    services: ClassVar[tuple[str, ...]] = ("carrier",)
    quick = True

    async def strike(self, house: House, step: Step) -> None:
        house.stack.send_signal("carrier-1", signal.SIGKILL)
