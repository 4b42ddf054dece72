"""What an administrator does to topics."""

import asyncio

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, RecordsToDelete

from shared.bus.topics import create
from shared.contracts import topics


class Topics:
    """What an administrator does to topics."""

    def __init__(self, servers: str) -> None:
        self._servers = servers
        self.admin = AIOKafkaAdminClient(bootstrap_servers=servers)

    async def drop(self, *names: topics.Topic) -> None:
        """Deletes topics; returns when they are gone."""
        await self.admin.delete_topics([topic.name for topic in names])
        while {topic.name for topic in names} & set(await self.admin.list_topics()):  # noqa: ASYNC110
            await asyncio.sleep(0.1)

    async def make(self) -> None:
        """Creates what is missing, as the job does."""
        assert await create(self._servers)

    async def widen(self, topic: topics.Topic, partitions: int) -> None:
        """Adds partitions, so that there are as many; they cannot be taken away again."""
        await self.admin.create_partitions({topic.name: NewPartitions(partitions)})

    async def cut_beginning(self, topic: topics.Topic, before: dict[int, int]) -> None:
        """Removes the records of partitions before these offsets, as retention does."""
        await self.admin.delete_records(
            {TopicPartition(topic.name, part): RecordsToDelete(before_offset=offset) for part, offset in before.items()}
        )
