"""What an agent or an operator needs to read: moments, sums, order and ticket numbers, ids. Never hidden.

Found in a skeleton before anything private is looked for, and then a wall: no number runs through it.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from shared.contracts.ticket_numbers import is_ticket_number

Span = tuple[int, int]

WALL: Final = "\x1e"
"""Stands in the skeleton where something is kept, or hidden already."""

BETWEEN: Final = r"[^0-9a-z\u3400-\u9fff\n\x1e]{0,8}"
"""What people put between the digits of one number."""

_MOBILE: Final = re.compile(r"(?:(?:\+|00)?86)?1[3-9][0-9]{9}")
_DAY: Final = r"(?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12][0-9]|3[01])"
_CLOCK: Final = r"(?:[01]?[0-9]|2[0-4]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?"
_ZONE: Final = r"(?:z|[+-][0-9]{2}:?[0-9]{2})?"
_ORDER: Final = re.compile(
    r"(?:订单编?号码?|商户单号|流水号|交易号|运单号|单编?号码?|编号|订单"
    r"|(?<![a-z])order(?:[ _]?(?:no|number|num|id))?\.?)"
    r"[ :#.=\"'「【(]{0,4}(?:是|为|is)?[ :#\"'「【(]{0,3}([a-z0-9][a-z0-9_-]{3,63})"
)
_TICKET: Final = re.compile(r"(?<![0-9a-z])t[0-9]{6}-[0-9]{7,12}(?![0-9a-z])")
_SURE: Final = tuple(
    re.compile(shape)
    for shape in (
        r"(?<![0-9a-z])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-z])",
        rf"(?<![0-9])(?:19|20)[0-9]{{2}}[-/.]{_DAY}(?:[t ]{_CLOCK}{_ZONE})?(?![0-9])",
        r"(?<![0-9])20[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
        r"(?:(?:[01][0-9]|2[0-3])[0-5][0-9](?:[0-5][0-9])?)?(?![0-9])",
        r"[¥￥$€£] ?[0-9]{1,9}(?:,[0-9]{3}){0,3}(?:\.[0-9]{1,2})?(?![0-9])",
        r"(?<![0-9.,])(?:[0-9]{1,9}|[0-9]{1,3}(?:,[0-9]{3}){1,3})(?:\.[0-9]{1,2})?"
        r" ?(?:元|块|圆|万|美元|港币|rmb|cny|usd|hkd|eur|%)",
    )
)
_LIKELY: Final = tuple(
    re.compile(shape)
    for shape in (
        rf"(?<![0-9]){_DAY}(?= {_CLOCK}(?![0-9:]))",
        rf"(?<![0-9:]){_CLOCK}(?![0-9:])",
        r"(?<![0-9.])[0-9]{1,7}\.[0-9]{1,2}(?![0-9]|\.[0-9])",
        r"(?<![0-9])[0-9]{1,4}0(?:[、,/~] ?[0-9]{1,4}0){1,20}(?![0-9])",
    )
)
_HOST: Final = re.compile(r"(?<![0-9.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![0-9.])")
_BEGINS_MOBILE: Final = re.compile(rf"(?:86{BETWEEN})?1{BETWEEN}[3-9](?:{BETWEEN}[0-9]){{9}}(?![0-9])")
"""A mobile number with dots in it may begin like the address of a host; then it is hidden."""


def named_orders(folded: str) -> Iterator[Span]:
    """Numbers that are called the number of an order; one that is a telephone number all the same is none."""
    for found in _ORDER.finditer(folded):
        if any(char.isdigit() for char in found[1]) and not _MOBILE.fullmatch(found[1].replace("-", "")):
            yield found.span(1)


def surely_needed(folded: str, *, hosts: bool) -> Iterator[Span]:
    """Ids, dates, sums and ticket numbers: nobody hides a number in these. ``hosts``: addresses of hosts as well."""
    for shape in _SURE:
        for found in shape.finditer(folded):
            yield found.span()
    for found in _TICKET.finditer(folded):
        if is_ticket_number(found[0].upper()):
            yield found.span()
    if hosts:
        for found in _HOST.finditer(folded):
            is_host = all(int(part) < 256 for part in found[0].split("."))
            if is_host and not _BEGINS_MOBILE.match(folded, found.start()):
                yield found.span()


def likely_needed(folded: str) -> Iterator[Span]:
    """Times of day, decimals, lists of face values: also parts of a number that somebody wants to hide."""
    for shape in _LIKELY:
        for found in shape.finditer(folded):
            yield found.span()


def walled(folded: str, spans: Iterable[Span]) -> str:
    """The skeleton with walls in place of the spans."""
    chars: list[str] | None = None
    for start, end in spans:
        chars = list(folded) if chars is None else chars
        chars[start:end] = WALL * (end - start)
    return folded if chars is None else "".join(chars)
