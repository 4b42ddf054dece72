"""What every decision is made by."""

from dataclasses import dataclass, field

from services.sla.domain.calendar import Calendar
from services.sla.domain.promises import Promises


@dataclass(slots=True)
class RulesInForce:
    """The promises for new tickets, and every calendar a ticket may have been promised under, by ``name@version``."""

    promises: Promises
    calendars: dict[str, Calendar] = field(default_factory=dict)
