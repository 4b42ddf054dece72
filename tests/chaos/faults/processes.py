"""What happens to single processes of a service: killed, stopped, restarted, put to sleep."""

import asyncio
import signal
from typing import ClassVar

from shared.bus import faults as points
from tests.chaos.fault import REPLICAS, Fault, Step
from tests.chaos.house import House


class Kill(Fault):
    """kill -9 of a replica; its process manager starts it again."""

    name = "kill -9"
    weight = 4
    quick = True

    async def strike(self, house: House, step: Step) -> None:
        house.stack.send_signal(step.instance, signal.SIGKILL)


class DieAtStep(Fault):
    """A third replica joins and dies by kill -9 at one step of its batch, the n-th time it gets there."""

    name = "kill -9 at a step"
    seconds = (12.0, 12.0)
    details: ClassVar[tuple[str, ...]] = tuple(
        f"{point}@{nth}" for point in points.POINTS for nth in (1, 2, 7) if nth == 1 or point != points.AFTER_CLAIM
    )
    weight = 3
    quick = True

    async def strike(self, house: House, step: Step) -> None:
        process = house.start_extra(step.service, KEFU_BUS_FAULT=step.detail)
        await house.wait_for_end(process, seconds=step.seconds)


class Terminate(Fault):
    """SIGTERM: it drains and leaves; its process manager starts it again."""

    name = "SIGTERM"
    weight = 2
    quick = True

    async def strike(self, house: House, step: Step) -> None:
        house.stack.send_signal(step.instance, signal.SIGTERM)


class RollingRestart(Fault):
    """Both replicas of a service, one after the other, as a deployment does it."""

    name = "rolling restart"

    async def strike(self, house: House, step: Step) -> None:
        for replica in range(1, REPLICAS + 1):
            await _restart(house, f"{step.service}-{replica}")


class Zombie(Fault):
    """SIGSTOP for longer than the session lasts; then it wakes up and believes that it owns its partitions."""

    name = "SIGSTOP, late SIGCONT"
    seconds = (8.0, 11.0)
    weight = 2

    async def strike(self, house: House, step: Step) -> None:
        house.stack.send_signal(step.instance, signal.SIGSTOP)
        try:
            await asyncio.sleep(step.seconds)
        finally:
            house.stack.send_signal(step.instance, signal.SIGCONT)


class Pause(Zombie):
    """SIGSTOP for a moment, as a host that swaps."""

    name = "short SIGSTOP"
    seconds = (0.5, 2.5)
    quick = True


async def _restart(house: House, instance: str) -> None:
    before = house.pid(instance)
    house.stack.send_signal(instance, signal.SIGTERM)
    await house.until(lambda: house.pid(instance) != before, seconds=30)
    await house.until_ready(instance)
