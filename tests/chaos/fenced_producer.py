"""Fences idempotent producers: takes their ids from the broker's own files and writes with a higher epoch.

An idempotent producer without transactions has nobody who fences it in ordinary life; after this the broker answers its
next batch INVALID_PRODUCER_EPOCH, which is what a producer has to live through whose ids somebody else came to use. The
records it writes are garbage to all who read them: nobody of ours signed them.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.producer.transaction_manager import PidAndEpoch

from shared.contracts.topics import PARTITIONS
from tests.chaos.garbage import KEY

# Record batch, format 2 (https://kafka.apache.org/documentation/#recordbatch): base offset and length come first.
_LENGTH: Final = struct.Struct(">qi")
_IDS: Final = struct.Struct(">qhi")
_IDS_AT: Final = 43
_RECENT_BATCHES: Final = 40


async def fence_producers(servers: str, data: Path, topic: str) -> int:
    """Fences whoever wrote the latest batches of each partition of ``topic``. Returns how many producers."""
    fenced = 0
    for partition in range(PARTITIONS):
        logs = sorted((data / f"{topic}-{partition}").glob("*.log"))
        batches = list(producers_of(logs[-1].read_bytes()))[-_RECENT_BATCHES:] if logs else []
        for producer_id, epoch in dict(batches).items():
            await _write_as(servers, topic, partition, producer_id, epoch + 1)
            fenced += 1
    return fenced


def producers_of(log: bytes) -> Iterator[tuple[int, int]]:
    """Producer id and epoch of every batch of an idempotent producer in a log segment."""
    at = 0
    while at + _IDS_AT + _IDS.size <= len(log):
        _, length = _LENGTH.unpack_from(log, at)
        if length <= 0:
            return
        producer_id, epoch, _ = _IDS.unpack_from(log, at + _IDS_AT)
        if producer_id >= 0:
            yield producer_id, epoch
        at += _LENGTH.size + length


async def _write_as(servers: str, topic: str, partition: int, producer_id: int, epoch: int) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=servers, enable_idempotence=True, acks="all")
    await producer.start()
    try:
        producer._txn_manager._pid_and_epoch = PidAndEpoch(producer_id, epoch)
        headers = [("ce_type", topic.rsplit(".", 1)[0].encode() + b".unheard_of.v1")]
        await producer.send_and_wait(topic, b"{}", f"{KEY}fence/{producer_id}".encode(), partition, headers=headers)
    finally:
        await producer.stop()
