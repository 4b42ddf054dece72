"""Numbers of our own tickets, which members read out of our notices. They are no order numbers."""

import re

from services.intake.understanding.extract.claimed_spans import TAKEN, ClaimedSpans
from shared.contracts.ticket_numbers import is_ticket_number

_FORM = re.compile(r"(?<![A-Za-z0-9])T ?(\d{6})( ?[-–—_] ?| ?)(\d{7,9})(?![A-Za-z0-9])", re.IGNORECASE)
_LABELLED = re.compile(
    r"(?:工单(?:编?号码?)?|受理编?号|服务单号?|案件编?号|(?<![a-z])(?:ticket|case)(?: ?(?:no|number|num|id))?\.?)"
    r"[ :#.=\"'「【(]{0,4}(?:是|为|is)?[ :#\"'「【(]{0,3}([A-Za-z0-9][A-Za-z0-9_-]{3,39})",
    re.IGNORECASE,
)


def claim_tickets(spans: ClaimedSpans) -> None:
    """Claim ticket numbers, and whatever is called one."""
    for found in _FORM.finditer(spans.open):
        # Without a stroke it may be an order number of that shape: the check digit tells.
        if found[2].strip() or is_ticket_number(f"T{found[1]}-{found[3]}"):
            spans.claim("ticket", *found.span())
    for found in _LABELLED.finditer(spans.open):
        if TAKEN not in found[1] and any(char.isdigit() for char in found[1]):
            spans.claim("ticket", *found.span(1))
