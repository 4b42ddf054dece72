"""What happens to the broker, and what it does to our producers."""

import asyncio
import signal
from typing import ClassVar

from shared.contracts import topics
from tests.chaos.fault import Fault, Step
from tests.chaos.fenced_producer import fence_producers
from tests.chaos.house import House

KAFKA = "kafka-1"
BROKER_ONLY = ("kafka",)
OURS = (topics.TICKET.name, topics.NOTICE.name)


class BrokerKilled(Fault):
    """kill -9 of the only broker; its process manager starts it again."""

    name = "broker kill -9"
    services = BROKER_ONLY

    async def strike(self, house: House, step: Step) -> None:
        house.stack.send_signal(KAFKA, signal.SIGKILL)


class BrokerFrozen(Fault):
    """SIGSTOP of the broker for some seconds: connections stand, nothing answers."""

    name = "broker SIGSTOP"
    services = BROKER_ONLY
    seconds = (1.5, 5.0)
    quick = True

    async def strike(self, house: House, step: Step) -> None:
        house.stack.send_signal(KAFKA, signal.SIGSTOP)
        try:
            await asyncio.sleep(step.seconds)
        finally:
            house.stack.send_signal(KAFKA, signal.SIGCONT)


class TopicSetting(Fault):
    """A topic of ours is for some seconds such that the broker refuses what is written to it."""

    services = BROKER_ONLY
    details = OURS
    seconds = (2.0, 4.0)
    quick = True
    setting: ClassVar[dict[str, str]]

    async def strike(self, house: House, step: Step) -> None:
        async with house.topic_settings(step.detail, self.setting):
            await asyncio.sleep(step.seconds)


class TooFewReplicas(TopicSetting):
    """min.insync.replicas=2 on a topic of the one broker: every batch is answered NOT_ENOUGH_REPLICAS."""

    name = "batch refused: NOT_ENOUGH_REPLICAS"
    setting: ClassVar = {"min.insync.replicas": "2"}


class TooLarge(TopicSetting):
    """max.message.bytes=100 on a topic: every batch is really rejected, MESSAGE_TOO_LARGE, and its numbers are lost."""

    name = "batch rejected: MESSAGE_TOO_LARGE"
    setting: ClassVar = {"max.message.bytes": "100"}


class ProducerFenced(Fault):
    """Somebody writes with the ids of our producers and a higher epoch: the broker refuses ours from then on."""

    name = "producer fenced"
    services = BROKER_ONLY
    details = OURS
    quick = True

    async def strike(self, house: House, step: Step) -> None:
        await fence_producers(house.servers, house.stack.layout.kafka / "data", step.detail)
