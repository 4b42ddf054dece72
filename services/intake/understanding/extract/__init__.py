"""The facts in a text. The order of claims matters: a card number must never become an order number."""

from dataclasses import dataclass, replace

from services.intake.understanding.extract.accounts import claim_accounts
from services.intake.understanding.extract.amounts import claim_amounts
from services.intake.understanding.extract.claimed_spans import ClaimedSpan, ClaimedSpans
from services.intake.understanding.extract.orders import claim_orders
from services.intake.understanding.extract.phones import claim_phones
from services.intake.understanding.extract.secrets import claim_secrets
from services.intake.understanding.extract.tickets import claim_tickets
from services.intake.understanding.normalise import Normalised
from shared.contracts.tickets import Amount

__all__ = ["Extracted", "extract", "nobodys"]

_MOST = 20
"""Facts of one kind kept from one text: more is not a question but a list, and an event has to stay small."""


@dataclass(frozen=True, slots=True)
class Extracted:
    """The facts of one text. ``unclaimed`` is the folded text with every claim blanked out, for the moments."""

    order_nos: tuple[str, ...]
    amounts: tuple[Amount, ...]
    phones: tuple[str, ...]
    names_account: bool
    unclaimed: str
    claims: tuple[ClaimedSpan, ...]


def extract(given: Normalised) -> Extracted:
    """Secrets, then ticket numbers, accounts, phones, orders, amounts: each takes its part out of the game."""
    spans = ClaimedSpans(open=given.text, folded=given.folded)
    claim_secrets(spans, given.folded)
    claim_tickets(spans)
    names_account = claim_accounts(spans)
    phones = claim_phones(spans)
    order_nos = claim_orders(spans)
    amounts = claim_amounts(spans)
    return Extracted(
        order_nos=order_nos[:_MOST],
        amounts=tuple(dict.fromkeys(amounts))[:_MOST],
        phones=phones[:_MOST],
        names_account=names_account,
        unclaimed=spans.folded,
        claims=tuple(spans.claims),
    )


def nobodys(facts: Extracted) -> Extracted:
    """The facts of a text no member wrote: masked all the same, but nobody's number and nobody's order."""
    return replace(facts, order_nos=(), amounts=(), phones=(), unclaimed="", names_account=False)
