"""Personal data in what people and programs are shown: phone numbers and e-mail addresses, wherever they stand."""

import re

_PHONE = re.compile(r"(?<![0-9A-Za-z.])((?:\+|00)?86[ -]?)?(1[3-9][0-9])[ -]?([0-9]{4})[ -]?([0-9]{4})(?![0-9A-Za-z.])")
_EMAIL = re.compile(r"([A-Za-z0-9._%+-]{1,2})[A-Za-z0-9._%+-]*@((?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,})")


def masked(text: str) -> str:
    """The text with the middle of every Chinese mobile number, and most of every e-mail name, starred out."""
    text = _PHONE.sub(lambda found: f"{found[1] or ''}{found[2]}****{found[4]}", text)
    return _EMAIL.sub(r"\1***@\2", text)
