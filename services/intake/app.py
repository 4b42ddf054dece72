"""How intake is put together; nothing else wires anything."""

from datetime import timedelta

import structlog

from services.intake.domain.threading import Windows
from services.intake.edges.credentials import Credential, read_credentials
from services.intake.edges.standard_webhooks import WebhookVerifier
from services.intake.edges.webhook import webhook_routes
from services.intake.erasure import erase
from services.intake.loops.release_waiting import release_waiting
from services.intake.pruning import prune
from services.intake.rules.channels import load_channels
from services.intake.rules.problem_types import load_problem_types
from services.intake.settings import IntakeSettings
from services.intake.subscribers import subscriber
from services.intake.use_cases.receive_contacts import Patience, ReceiveContacts
from services.intake.use_cases.understand_contact import UnderstandContact
from services.migrate import migrations_of
from shared.bus.preparing import Prepare
from shared.config.reopening import reopens_within
from shared.contracts.contacts import ContactReceived
from shared.database.now import DatabaseClock
from shared.http.rate_limit import Allowance, RateLimit
from shared.runtime.service import Service
from shared.security.sealing import Sealer

log = structlog.get_logger()


def build_app(settings: IntakeSettings) -> Service:
    """The service. Raises ConfigError, DataKeyError or WebhookSecretError when it cannot work as configured."""
    sealer = Sealer.from_keys(settings.data_key.get_secret_value(), service="intake")
    channels = load_channels(settings.config_dir)
    rules = load_problem_types(settings.config_dir)
    understand = UnderstandContact(sealer, rules)
    patience = Patience(
        windows=Windows(timedelta(hours=settings.threading_window_hours), reopens_within(settings.config_dir)),
        oldest=timedelta(hours=settings.oldest_contact_hours),
        greeting=timedelta(seconds=settings.greeting_wait_seconds),
    )
    receive = ReceiveContacts(understand, rules, channels, patience)
    clock = DatabaseClock()
    webhook = webhook_routes(
        WebhookVerifier(_credentials(settings), clock=clock.seconds),
        RateLimit(Allowance(settings.webhook_rate, settings.webhook_burst)),
        channels,
        publish_seconds=settings.webhook_publish_seconds,
    )
    return Service(
        "intake",
        settings,
        subscriber(sealer, receive),
        migrations_of("intake"),
        routers=(webhook,),
        prepare=Prepare(ContactReceived, understand),
        loops=(release_waiting(receive), erase(), prune(settings)),
        clock=clock,
    )


def _credentials(settings: IntakeSettings) -> tuple[Credential, ...]:
    credentials = read_credentials(
        settings.channel_secrets.get_secret_value(), settings.channel_secret.get_secret_value()
    )
    if any(one.channels is None for one in credentials):
        log.warning("webhook.one_secret_for_every_channel")
    return credentials
