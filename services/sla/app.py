"""The only wiring of sla."""

from datetime import UTC, datetime

import structlog

from services.migrate import migrations_of
from services.sla.clockwork import SUBSCRIBED_EVENTS, Rules
from services.sla.erasure import erase
from services.sla.promise_files import load_promises
from services.sla.pruning import prune
from services.sla.settings import SlaSettings
from services.sla.store import keep_calendars
from services.sla.subscribers import subscriber, timer_loop
from shared.runtime.service import Running, Service

log = structlog.get_logger()


def build_app(settings: SlaSettings) -> Service:
    """The sla service. Raises ConfigError when its rule files are not right."""
    rules = Rules(load_promises(settings.config_dir))

    async def keep_promised_calendars(running: Running) -> None:
        async with running.transactions.pool.acquire() as connection:
            rules.calendars.update(await keep_calendars(connection, rules.promises.calendars))
        for warning in rules.promises.warnings(datetime.now(UTC).date()):
            log.warning("calendar.known_until", warning=warning)

    return Service(
        name="sla",
        settings=settings,
        handler=subscriber(rules),
        subscribes_to=SUBSCRIBED_EVENTS,
        migrations=migrations_of("sla"),
        loops=(timer_loop(rules), erase(), prune(settings)),
        on_start=keep_promised_calendars,
    )
