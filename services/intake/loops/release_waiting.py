"""Contacts that waited for their matter in vain."""

from typing import Final

from services.intake.use_cases.receive_contacts import ReceiveContacts
from shared.bus.transactions import Transactions
from shared.runtime.loop import Loop

WAITING_BATCH: Final = 100
WAITING_SECONDS: Final = 0.5


def release_waiting(receive: ReceiveContacts) -> Loop:
    """Who said no more than hello is asked what it is about, when nothing followed."""

    async def release(transactions: Transactions) -> bool:
        async with transactions.begin() as work:
            return await receive.release_waiting(WAITING_BATCH, work) == WAITING_BATCH

    return Loop("intake.waiting", release, WAITING_SECONDS)
