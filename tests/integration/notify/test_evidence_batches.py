"""Evidence written down together: what came meanwhile is one transaction, and nobody is harmed by his neighbour."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from services.notify.domain.states import NoticeState
from services.notify.use_cases.evidence_batcher import EvidenceBatcher
from services.notify.use_cases.record_evidence import Evidence
from tests.integration.notify.conftest import Notify


@pytest.fixture
def batcher(notify: Notify) -> EvidenceBatcher:
    """Those of one process."""
    return EvidenceBatcher(notify.rules.follow_up)


async def _submitting(notify: Notify, count: int) -> dict[str, UUID]:
    """Notices handed to the provider, whose answers are still out: ticket -> notice."""
    await notify.member(phone="+8613900009900")
    tickets = [await notify.open() for _ in range(count)]
    await notify.claim(count)
    rows = await notify.transactions.pool.fetch("select ticket_id, notice_id from intent where state = 'submitting'")
    assert {str(row["ticket_id"]) for row in rows} == set(tickets)
    return {str(row["ticket_id"]): row["notice_id"] for row in rows}


def _delivered(notice: UUID, message_id: str | None = None) -> Evidence:
    return Evidence(notice, NoticeState.DELIVERED, "sandbox", message_id)


async def _transactions(notify: Notify) -> list[Any]:
    return await notify.transactions.pool.fetch(
        "select xmin, count(*) from intent where state = 'delivered' group by xmin"
    )


async def test_what_came_meanwhile_is_one_transaction(notify: Notify, batcher: EvidenceBatcher) -> None:
    """While one ticket is held by somebody, all others that report wait together and are committed together."""
    first, *others = (await _submitting(notify, 3)).items()
    async with notify.transactions.pool.acquire() as connection, connection.transaction():
        await connection.execute("select from ticket where ticket_id = $1 for update", first[0])
        writing = [asyncio.create_task(batcher.record(notify.transactions, [_delivered(first[1])]))]
        await asyncio.sleep(0.1)
        writing += [
            asyncio.create_task(batcher.record(notify.transactions, [_delivered(notice)])) for _, notice in others
        ]
        await asyncio.sleep(0.1)
        assert await _transactions(notify) == []
    assert await asyncio.gather(*writing) == [1, 1, 1]
    assert sorted(row["count"] for row in await _transactions(notify)) == [1, 2]
    assert all(notify.states(ticket) == ["planned", "delivered"] for ticket, _ in (first, *others))


async def test_one_that_cannot_be_written_spoils_it_for_itself_alone(notify: Notify, batcher: EvidenceBatcher) -> None:
    """What PostgreSQL cannot store is an error for whoever said it; the rest of the same transaction is written."""
    (ticket, notice), (spoilt_ticket, spoilt) = (await _submitting(notify, 2)).items()
    results = await asyncio.gather(
        batcher.record(notify.transactions, [_delivered(spoilt, "a\0b")]),
        batcher.record(notify.transactions, [_delivered(notice)]),
        return_exceptions=True,
    )
    assert isinstance(results[0], asyncpg.DataError)
    assert results[1] == 1
    assert notify.states(ticket) == ["planned", "delivered"]
    assert notify.states(spoilt_ticket) == ["planned"]


async def test_whoever_leaves_takes_nothing_along(notify: Notify, batcher: EvidenceBatcher) -> None:
    """A caller that is cancelled while it waits does not stop what is written for the others."""
    (ticket, notice), (other_ticket, other) = (await _submitting(notify, 2)).items()
    leaving = asyncio.create_task(batcher.record(notify.transactions, [_delivered(notice)]))
    staying = asyncio.create_task(batcher.record(notify.transactions, [_delivered(other)]))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying == 1
    assert notify.states(other_ticket) == ["planned", "delivered"]
    assert notify.states(ticket) == ["planned", "delivered"]


async def test_each_is_told_of_its_own(notify: Notify, batcher: EvidenceBatcher) -> None:
    """How many of a caller's pieces spoke of known notices is counted for it alone."""
    ((_, notice),) = (await _submitting(notify, 1)).items()
    nobody = _delivered(UUID(int=7))
    answers = await asyncio.gather(
        batcher.record(notify.transactions, [nobody]),
        batcher.record(notify.transactions, [nobody, _delivered(notice), _delivered(notice)]),
        batcher.record(notify.transactions, []),
    )
    assert list(answers) == [0, 2, 0]
