"""What sla deletes by itself: the clocks of tickets that ended long ago."""

from services.sla.settings import SlaSettings
from services.sla.store.tickets import ENDED
from shared.pruning.loop import pruning
from shared.pruning.tickets import EndedTickets
from shared.runtime.loop import Loop


def prune(settings: SlaSettings) -> Loop:
    """The loop. Calendars stay: there are few, and no ticket says that it was the last one promised under it."""
    return pruning("sla", EndedTickets(settings.keep_ended_days, ended=ENDED, hanging_on={}))
