"""What is done with records before their transaction: once, in order, in bounded time, aside from the event loop."""

import asyncio
import time
from datetime import UTC, datetime

import pytest
from aiokafka import ConsumerRecord

from shared.bus import preparing
from shared.bus.preparing import Preparation, Prepare
from shared.bus.record import Record, read
from shared.contracts import topics
from shared.contracts.actions import ActionRequested

NOW = datetime(2026, 11, 28, tzinfo=UTC)


def action(offset: int, text: str = "") -> Record:
    value = (
        f'{{"action_id": "{offset}", "ticket_id": "t", "kind": "note", "text": "{text}",'
        f' "actor": {{"kind": "agent", "id": "a"}}}}'
    )
    headers = [("ce_type", b"support.action.requested.v1")]
    return read(ConsumerRecord(topics.ACTION.name, 0, offset, 0, 0, b"t", value.encode(), None, 0, 0, headers))


async def test_each_record_is_prepared_once() -> None:
    """However often a batch is tried, each of its records is worked on one time, and a new batch begins anew."""
    done: list[str] = []

    def work(_: Record, event: ActionRequested, now: datetime) -> str:
        assert now == NOW
        done.append(event.action_id)
        return event.action_id

    preparation = Preparation(Prepare(ActionRequested, work))
    records = [action(0), action(1)]
    assert preparation.wants(records)
    assert await preparation.of(records, NOW) == 2
    assert not preparation.wants(records)
    assert await preparation.of([*records, action(2)], NOW) == 3
    assert done == ["0", "1", "2"]
    assert [preparation.result(record) for record in records] == ["0", "1"]
    preparation.forget()
    assert preparation.wants(records)


async def test_a_record_that_cannot_be_prepared_costs_no_other() -> None:
    """What is raised for one record is raised again for whoever asks for it, and for nobody else."""

    def work(_: Record, event: ActionRequested, __: datetime) -> float:
        return 1 / int(event.action_id)

    preparation = Preparation(Prepare(ActionRequested, work))
    assert await preparation.of([action(0), action(1)], NOW) == 2
    with pytest.raises(ZeroDivisionError):
        preparation.result(action(0))
    assert preparation.result(action(1)) == 1.0


async def test_long_work_is_cut_into_parts_and_lets_the_event_loop_live(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of work without end some records are ready each time, never none, while the event loop goes on."""
    monkeypatch.setattr(preparing, "SECONDS", 0.05)
    beats = 0

    def work(_: Record, __: ActionRequested, ___: datetime) -> int:
        until = time.monotonic() + 0.1
        turns = 0
        while time.monotonic() < until:
            turns += 1
        return turns

    async def beat() -> None:
        nonlocal beats
        while True:
            await asyncio.sleep(0.01)
            beats += 1

    preparation = Preparation(Prepare(ActionRequested, work))
    records = [action(number) for number in range(3)]
    beating = asyncio.create_task(beat())
    assert await preparation.of(records, NOW) == 1
    assert await preparation.of(records[1:], NOW) == 1
    beating.cancel()
    assert beats > 1


async def test_a_service_without_long_work_has_none() -> None:
    """Where nothing is to be prepared, or not for this kind of record, nothing is waited for."""
    assert not Preparation(None).wants([action(0)])
