"""What routing deletes by itself: tickets that ended long ago, and actions nobody repeats any more."""

from services.routing.settings import RoutingSettings
from services.routing.store import actions, pending_actions
from services.routing.store.tickets import DELETE_TIMERS, ENDED
from shared.pruning.loop import AgedRows, pruning
from shared.pruning.tickets import EndedTickets
from shared.runtime.loop import Loop


def prune(settings: RoutingSettings) -> Loop:
    """The loop. An action on a ticket that is gone waits as for one that has not come yet, and is refused."""
    ended = EndedTickets(settings.keep_ended_days, ended=ENDED, hanging_on={"timer": DELETE_TIMERS})
    days = settings.keep_actions_days
    return pruning(
        "routing",
        ended,
        [AgedRows("action", days, actions.FORGET), AgedRows("pending_action", days, pending_actions.FORGET)],
    )
