"""What intake deletes by itself: tickets that ended long ago with the words of their members, words that never became a
ticket, and old orders."""

from services.intake.settings import IntakeSettings
from services.intake.store.contacts import DELETE_CONTACTS, DELETE_CONTACTS_WITHOUT_TICKET
from services.intake.store.orders import DELETE_OLD_ORDERS
from services.intake.store.tickets import ENDED
from shared.pruning.loop import AgedRows, pruning
from shared.pruning.tickets import EndedTickets
from shared.runtime.loop import Loop


def prune(settings: IntakeSettings) -> Loop:
    """The loop. A contact is known again, so that a repeat changes nothing, for as long as its ticket stays."""
    ended = EndedTickets(settings.keep_contacts_days, ended=ENDED, hanging_on={"contact": DELETE_CONTACTS})
    aged = (
        AgedRows("contact", settings.keep_contacts_days, DELETE_CONTACTS_WITHOUT_TICKET),
        AgedRows("platform_order", settings.keep_orders_days, DELETE_OLD_ORDERS),
    )
    return pruning("intake", ended, aged)
