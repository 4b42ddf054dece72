"""What notify deletes by itself: tickets that ended long ago, with their notices."""

from services.notify.settings import NotifySettings
from services.notify.store.intents import DELETE_OF_TICKETS
from services.notify.store.tickets import ENDED
from shared.pruning.loop import pruning
from shared.pruning.tickets import EndedTickets
from shared.runtime.loop import Loop


def prune(settings: NotifySettings) -> Loop:
    """The loop. What was sent to whom stays on its topic for the legal term."""
    hanging_on = {"intent": DELETE_OF_TICKETS}
    return pruning("notify", EndedTickets(settings.keep_ended_days, ended=ENDED, hanging_on=hanging_on))
