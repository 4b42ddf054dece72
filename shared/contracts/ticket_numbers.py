"""The number of a ticket as people read it out: ``T261122-0000424``. Day in China, sequence, check digit.

The last digit is a Luhn check digit (ISO/IEC 7812-1) over day and sequence: it catches every single wrong digit and
nearly every swap of two neighbours, the mistakes of the telephone.
"""

import re
import unicodedata
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

_FORM: Final = re.compile(r"T(\d{6})-(\d{7,})", re.ASCII)
_NAMED: Final = re.compile(r"(?<![A-Za-z0-9])T(\d{6}) ?[-–—]? ?(\d{7,12})(?![A-Za-z0-9])", re.ASCII | re.IGNORECASE)
_DAY: Final = ZoneInfo("Asia/Shanghai")


def ticket_number(sequence: int, now: datetime) -> str:
    """The number of the ``sequence``-th ticket, opened ``now`` (aware)."""
    digits = f"{now.astimezone(_DAY):%y%m%d}{sequence:06d}"
    return f"T{digits[:6]}-{digits[6:]}{_check_digit(digits)}"


def is_ticket_number(text: str) -> bool:
    """Whether ``text`` could be the number of a ticket: its form is right and its check digit fits."""
    found = _FORM.fullmatch(text)
    if found is None:
        return False
    digits = found[1] + found[2]
    return _check_digit(digits[:-1]) == int(digits[-1])


def ticket_numbers_in(text: str) -> tuple[str, ...]:
    """The ticket numbers a text names, in its order, each once, however people write them: in small letters, without
    the hyphen or with a blank for it, in full-width characters."""
    found = (f"T{match[1]}-{match[2]}" for match in _NAMED.finditer(unicodedata.normalize("NFKC", text)))
    return tuple(dict.fromkeys(number for number in found if is_ticket_number(number)))


def _check_digit(digits: str) -> int:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 if place % 2 else 2)
        total += value - 9 if value > 9 else value
    return -total % 10
