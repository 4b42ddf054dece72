"""The wiring of routing, and nothing else."""

from datetime import timedelta
from typing import Final

from services.migrate import migrations_of
from services.routing.erasure import erase
from services.routing.loops.kept_actions import KeptActions
from services.routing.loops.matching import Matching
from services.routing.loops.time_outs import TimeOuts
from services.routing.loops.upkeep import upkeep
from services.routing.pruning import prune
from services.routing.rules.rule_file import load_rules
from services.routing.settings import RoutingSettings
from services.routing.subscribers import SUBSCRIBED_EVENTS, subscriber
from services.routing.use_cases.vouching import Vouching
from shared.runtime.loop import Loop
from shared.runtime.service import Service
from shared.security.action_tokens import ActionSignatures
from shared.security.sealing import Sealer

NAME: Final = "routing"


def build_app(settings: RoutingSettings) -> Service:
    """Routing as a service. Raises ``ConfigError`` when the rule file cannot be used."""
    rules = load_rules(settings.config_dir)
    sealer = Sealer.from_keys(settings.data_key.get_secret_value(), service=NAME)
    vouching = Vouching(_signatures(settings), settings.action_tokens)
    match = Loop("routing.match", Matching(rules, settings.match_tickets).step, settings.match_seconds)
    time_outs = TimeOuts(rules, match.wake.set)
    absent = Loop("routing.absent", time_outs.absent, 1.0)

    def wake() -> None:
        match.wake.set()
        absent.wake.set()

    return Service(
        name=NAME,
        settings=settings,
        handler=subscriber(rules, sealer, wake, vouching),
        subscribes_to=SUBSCRIBED_EVENTS,
        migrations=migrations_of(NAME),
        loops=(
            match,
            absent,
            Loop("routing.timers", time_outs.due, 0.2),
            Loop("routing.kept_actions", KeptActions(rules, sealer, match.wake.set).step, 0.5),
            Loop("routing.upkeep", upkeep, 10.0),
            prune(settings),
            erase(),
        ),
    )


def _signatures(settings: RoutingSettings) -> ActionSignatures:
    remembered = timedelta(days=settings.keep_actions_days)
    return ActionSignatures(settings.action_keys.get_secret_value(), longest=remembered)
