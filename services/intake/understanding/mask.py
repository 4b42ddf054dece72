"""Texts fit to be shown: no phone number, account, card key or password in full."""

import re

from services.intake.understanding.extract import Extracted, extract
from services.intake.understanding.normalise import Normalised, normalise

_PRIVATE = {"secret", "account", "phone"}
# The net under the claims: whatever looks like a number or a key and is not a known order number.
_LONG_NUMBER = re.compile(r"\d(?:[ -]?\d){6,}|[零一二三四五六七八九幺]{7,}")
_KEY = re.compile(r"(?<![A-Za-z0-9])(?:[A-Z0-9-]{10,}|[A-Za-z0-9_-]{12,})(?![A-Za-z0-9])")
_DATE = re.compile(r"20\d\d-\d{1,2}-\d{1,2}(?:[ T]\d{1,2})?")


def mask(given: Normalised, facts: Extracted, known_orders: tuple[str, ...] = ()) -> str:
    """The text with everything private starred out, character for character (positions stay)."""
    chars = list(given.text)
    order = bytearray(len(chars))
    for claim in facts.claims:
        if claim.kind in _PRIVATE:
            chars[claim.start : claim.end] = _stars(claim.kind, given.text[claim.start : claim.end])
        elif claim.kind == "order":
            order[claim.start : claim.end] = b"\x01" * (claim.end - claim.start)
    text = "".join(chars)
    for pattern in (_LONG_NUMBER, _KEY):
        for found in pattern.finditer(text):
            start, end = found.span()
            if not all(order[start:end]) and found[0] not in known_orders and _suspicious(pattern, found[0]):
                chars[start:end] = _stars("secret", found[0])
        text = "".join(chars)
    return text


def masked(text: str | None, known_orders: tuple[str, ...] = ()) -> str:
    """``mask`` for a text that has not been read yet."""
    given = normalise(text)
    return mask(given, extract(given), known_orders)


def _suspicious(pattern: re.Pattern[str], token: str) -> bool:
    if _DATE.fullmatch(token):
        return False
    if pattern is _LONG_NUMBER:
        return True
    digits = sum(char.isdigit() for char in token)
    return digits >= 3 and any(char.isalpha() for char in token)


def _stars(kind: str, written: str) -> list[str]:
    digits = [index for index, char in enumerate(written) if char.isdigit()]
    shown: set[int] = set()
    if kind == "phone":
        shown = {*digits[:3], *digits[-4:]} if len(digits) >= 11 else set(digits[-2:])
    hidden = (set(digits) if kind == "phone" else set(range(len(written)))) - shown
    return ["*" if index in hidden else char for index, char in enumerate(written)]
