"""The wiring of notify, and the only one."""

import structlog

from services.migrate import migrations_of
from services.notify.api.card import card_routes
from services.notify.api.card_signer import CardSigner
from services.notify.api.receipts import receipt_routes
from services.notify.api.verify import verify_routes
from services.notify.erasure import erase
from services.notify.gateways.sandbox import SandboxCarrier
from services.notify.loops.dispatch import Dispatcher
from services.notify.loops.measure import measuring
from services.notify.pruning import prune
from services.notify.rules.known_texts import learn_or_refuse
from services.notify.rules.rule_files import TEMPLATES, load_rules
from services.notify.settings import NotifySettings
from services.notify.subscribers import SUBSCRIBED_EVENTS, subscriber
from services.notify.use_cases.dispatch.call import ProviderCalls
from services.notify.use_cases.dispatch.claim import Claims
from services.notify.use_cases.evidence_batcher import EvidenceBatcher
from shared.config.files import ConfigError
from shared.contracts.vocabulary import NoticeChannel
from shared.database.now import DatabaseClock
from shared.runtime.loop import Loop
from shared.runtime.service import Running, Service
from shared.security.sealing import Sealer
from shared.security.tokens import Tokens

log = structlog.get_logger()


def build_app(settings: NotifySettings) -> Service:
    """The service. Raises ConfigError when the rule files have mistakes; its start does when their words changed."""
    rules = load_rules(settings.config_dir)
    sealer = Sealer.from_keys(settings.data_key.get_secret_value(), service="notify")
    carrier = SandboxCarrier(
        settings.carrier_url, settings.carrier_secret.get_secret_value(), connections=settings.notify_calls
    )
    providers = {NoticeChannel.SMS.value: carrier.name, NoticeChannel.PUSH.value: carrier.name}
    claims = Claims(rules, sealer, providers, settings.notify_call_seconds)
    batcher = EvidenceBatcher(rules.follow_up)
    calls = ProviderCalls({carrier.name: carrier}, batcher, rules, settings.notify_call_seconds)
    dispatcher = Dispatcher(claims, calls, most=settings.notify_calls)

    clock = DatabaseClock()
    tokens = Tokens.from_settings(settings, clock=clock.seconds)
    card_key = settings.card_key.get_secret_value()
    signer = CardSigner(card_key) if card_key else None

    # before the first record and the first call: nothing may leave with words that their version does not stand for
    async def start(running: Running) -> None:
        async with running.transactions.pool.acquire() as connection:
            try:
                await learn_or_refuse(connection, rules.policy.catalogues, settings.config_dir / TEMPLATES)
            except ConfigError as error:
                log.critical("notice.words_changed", problems=[str(one) for one in error.problems])
                raise

    async def stop(_: Running) -> None:
        await dispatcher.drain()

    return Service(
        name="notify",
        settings=settings,
        handler=subscriber(sealer, rules),
        subscribes_to=SUBSCRIBED_EVENTS,
        migrations=migrations_of("notify"),
        loops=(
            Loop("notices.dispatch", dispatcher.step, settings.notify_poll_seconds),
            measuring(),
            prune(settings),
            erase(),
        ),
        routers=(
            receipt_routes(batcher, settings.receipt_secret.get_secret_value()),
            verify_routes(rules, sealer, tokens),
            card_routes(rules, sealer, tokens, signer),
        ),
        on_start=start,
        on_stop=stop,
        clock=clock,
    )
