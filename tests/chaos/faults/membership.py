"""Rebalances in mid-batch, and a consumer too slow for its poll interval."""

import asyncio
import signal

from aiokafka import AIOKafkaConsumer

from shared.contracts.services import GROUPS
from tests.chaos.fault import Fault, Step
from tests.chaos.house import House

LOCKED = {"intake": "contact", "routing": "action"}
"""A table every batch of a service has to write, where it is not the one of the bus: `seen`."""


class ThirdReplica(Fault):
    """A third replica joins, works for a moment, and leaves."""

    name = "third replica joins and leaves"
    seconds = (0.5, 2.5)

    async def strike(self, house: House, step: Step) -> None:
        process = house.start_extra(step.service)
        await house.until_extra_started(step.service)
        await asyncio.sleep(step.seconds)
        process.send_signal(signal.SIGTERM)
        await house.wait_for_end(process, seconds=30)


class ForeignMember(Fault):
    """A consumer of somebody else joins the group by mistake, is given partitions, does nothing, and leaves."""

    name = "foreign member in the group"
    seconds = (0.5, 2.0)
    quick = True

    async def strike(self, house: House, step: Step) -> None:
        consumer = AIOKafkaConsumer(
            *(topic.name for topic in GROUPS[step.service]),
            bootstrap_servers=house.servers,
            group_id=step.service,
            enable_auto_commit=False,
            session_timeout_ms=6000,
            heartbeat_interval_ms=500,
        )
        await consumer.start()
        try:
            await asyncio.sleep(step.seconds)
        finally:
            await consumer.stop()


class TooSlow(Fault):
    """A third replica with a poll interval of two seconds meets a batch that hangs on a lock of somebody else."""

    name = "too slow for its poll interval"
    seconds = (4.0, 6.0)

    async def strike(self, house: House, step: Step) -> None:
        process = house.start_extra(step.service, KEFU_BUS_HANG_SECONDS="2")
        await house.until_extra_started(step.service)
        connection = await house.connect()
        try:
            async with connection.transaction():
                await connection.execute(f"lock table {step.service}.{LOCKED.get(step.service, 'seen')} in share mode")
                await asyncio.sleep(step.seconds)
        finally:
            await connection.close()
        await asyncio.sleep(1)
        process.send_signal(signal.SIGTERM)
        await house.wait_for_end(process, seconds=30)
