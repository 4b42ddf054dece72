"""Before its first record a process keeps the calendars it promises under, for those that outlive it."""

from datetime import UTC, datetime

import structlog

from services.sla.rules.in_force import RulesInForce
from services.sla.store.calendars import keep_calendars
from shared.bus.transactions import Transactions

log = structlog.get_logger()


async def keep_promised_calendars(transactions: Transactions, rules: RulesInForce) -> None:
    """Keeps them, learns those of others, and warns of promises over days that are not published yet."""
    async with transactions.pool.acquire() as connection:
        rules.calendars.update(await keep_calendars(connection, rules.promises.calendars))
    for warning in rules.promises.warnings(datetime.now(UTC).date()):
        log.warning("calendar.known_until", warning=warning)
