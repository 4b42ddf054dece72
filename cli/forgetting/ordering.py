"""The order itself: tombstones of the member and of their orders, for every service to act on."""

import json
import uuid

from cli.asker import asker, signed
from cli.kafka_log import kafka_answers, log_tail, read_to_end
from shared.bus.publisher import KafkaPublisher, Outgoing, partition_of
from shared.contracts import topics
from shared.erasure.orders import FORGET


async def order_to_forget(servers: str, member_id: str) -> tuple[str, int]:
    """Publishes the order. Returns the name of the request, and how many orders of the member were deleted.

    A repeat is a request of its own, and finds nothing left to erase.
    """
    request = str(uuid.uuid4())
    async with kafka_answers(servers):
        orders = await _orders_of(servers, member_id)
        publisher = KafkaPublisher(servers, client_id="kefu-cli")
        try:
            await publisher.publish([_tombstone(topics.ORDER, order_no) for order_no in orders])
            forget = ((FORGET, request.encode()), *signed(by=asker(), prefix=FORGET))
            await publisher.publish([_tombstone(topics.MEMBER, member_id.encode(), forget)])
        finally:
            await publisher.close()
    return request, len(orders)


def _tombstone(topic: topics.Topic, key: bytes, headers: tuple[tuple[str, bytes | None], ...] = ()) -> Outgoing:
    return Outgoing(topic.name, partition_of(key), key, None, headers)


async def _orders_of(servers: str, member_id: str) -> list[bytes]:
    """The keys of the orders whose latest value names the member."""
    owners: dict[bytes, str | None] = {}
    async with log_tail(servers) as tail:
        places = [place for found in (await tail.partitions([topics.ORDER.name])).values() for place in found]
        async for record in read_to_end(tail, places):
            owners[record.key or b""] = _owner(record.value)
    return sorted(key for key, owner in owners.items() if key and owner == member_id)


def _owner(value: bytes | None) -> str | None:
    try:
        document = json.loads(value or b"null")
    except (ValueError, RecursionError):
        return None
    owner = document.get("member_id") if isinstance(document, dict) else None
    return owner if isinstance(owner, str) else None
