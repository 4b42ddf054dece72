"""Texts fit to be shown: no phone number, account, card key or password in full."""

from collections.abc import Iterator
from typing import Final

from services.intake.understanding.extract import Extracted, extract
from services.intake.understanding.extract.claimed_spans import ClaimedSpan
from services.intake.understanding.normalise import Normalised, normalise
from shared.masking import Kind, Private, find_private, starred

_PRIVATE: Final[dict[str, Kind]] = {"secret": "secret", "account": "account", "phone": "number"}
_MOBILE_DIGITS: Final = 11


def mask(given: Normalised, facts: Extracted, known_orders: tuple[str, ...] = ()) -> str:
    """The text with everything private starred out, character for character (positions stay).

    What was recognised counts first: its orders and sums stay readable, its phones, accounts and secrets do not. The
    net under it takes the rest, in whatever disguise.
    """
    recognised = [_private(claim, given.text) for claim in facts.claims if claim.kind in _PRIVATE]
    needed = [(claim.start, claim.end) for claim in facts.claims if claim.kind not in _PRIVATE]
    needed += [span for number in known_orders for span in _everywhere(number.lower(), given.folded)]
    net = find_private(given.text, kept=needed, strict=True)
    return starred(starred(given.text, recognised), net) if recognised or net else given.text


def masked(text: str | None, known_orders: tuple[str, ...] = ()) -> str:
    """``mask`` for a text that has not been read yet."""
    given = normalise(text)
    return mask(given, extract(given), known_orders)


def _private(claim: ClaimedSpan, text: str) -> Private:
    kind: Kind = _PRIVATE[claim.kind]
    written = text[claim.start : claim.end]
    if kind == "number" and sum(char.isdigit() for char in written) >= _MOBILE_DIGITS:
        kind = "mobile"
    return Private(kind, claim.start, claim.end)


def _everywhere(number: str, text: str) -> Iterator[tuple[int, int]]:
    at = text.find(number)
    while number and at >= 0:
        yield at, at + len(number)
        at = text.find(number, at + len(number))
