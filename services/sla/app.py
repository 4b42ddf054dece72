"""The only wiring of sla."""

from services.migrate import migrations_of
from services.sla.erasure import erase
from services.sla.loops.timers import timer_loop
from services.sla.pruning import prune
from services.sla.rules.in_force import RulesInForce
from services.sla.rules.promise_files import load_promises
from services.sla.settings import SlaSettings
from services.sla.subscribers import SUBSCRIBED_EVENTS, subscriber
from services.sla.use_cases.keep_promised_calendars import keep_promised_calendars
from shared.runtime.service import Running, Service


def build_app(settings: SlaSettings) -> Service:
    """The sla service. Raises ConfigError when its rule files are not right."""
    rules = RulesInForce(load_promises(settings.config_dir))

    async def keep_calendars(running: Running) -> None:
        await keep_promised_calendars(running.transactions, rules)

    return Service(
        name="sla",
        settings=settings,
        handler=subscriber(rules),
        subscribes_to=SUBSCRIBED_EVENTS,
        migrations=migrations_of("sla"),
        loops=(timer_loop(rules), erase(), prune(settings)),
        on_start=keep_calendars,
    )
