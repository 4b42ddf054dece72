"""Orders to forget a member: a tombstone of the member that says so in a header. Any other only ends the membership."""

from typing import Final

from shared.bus.record import Batch, Record
from shared.bus.work import Work
from shared.contracts import topics

FORGET: Final = "kefu_forget"
"""The header; its value names the request."""

TAKE: Final = """
insert into erasure (request_id, member_id, addresses, asked_at, again_at)
select $1, $2, coalesce(({addresses}), '{{}}'), $3, $3 on conflict (request_id) do nothing
"""
NO_ADDRESSES: Final = "select null::bytea[]"


async def take_orders(batch: Batch, work: Work, *, addresses: str = NO_ADDRESSES) -> None:
    """Notes the orders of a batch, before the members themselves are deleted. A repeat changes nothing.

    ``addresses``: the query for what else is known to be of member $2 and will not be after, as blind indexes.
    """
    for record in batch.records:
        if request := _request(record):
            take = TAKE.format(addresses=addresses)
            await work.connection.execute(take, request, record.key_text, work.now)


def _request(record: Record) -> str | None:
    if record.topic != topics.MEMBER.name or not record.is_tombstone or not record.key_text:
        return None
    values = [value for name, value in record.headers if name == FORGET and value]
    return values[-1].decode("utf-8", "replace").replace("\0", "")[:200] if values else None
