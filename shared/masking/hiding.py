"""Hiding what is private: in place for texts whose positions matter, shortened for what people read."""

from collections.abc import Iterable

from shared.masking.private import Private, find_private


def starred(text: str, stretches: Iterable[Private]) -> str:
    """The text with stars over the stretches, of the same length; a little of mobiles and e-mails stays readable."""
    chars = list(text)
    for one in stretches:
        shown = _shown(text, one)
        chars[one.start : one.end] = [text[at] if at in shown else "*" for at in range(one.start, one.end)]
    return "".join(chars)


def redacted(text: str) -> str:
    """The text as people and logs get it: `139****1234`, `zh***@example.com`, `***` for whatever else is private."""
    parts: list[str] = []
    at = 0
    for one in find_private(text):
        parts += [text[at : one.start], _short(text[one.start : one.end], one.kind)]
        at = one.end
    return "".join([*parts, text[at:]]) if parts else text


def _short(written: str, kind: str) -> str:
    if kind == "mobile":
        digits = [char for char in written if char.isnumeric()]
        return f"{''.join(digits[:3])}****{''.join(digits[-4:])}"
    return f"{written[:2]}***" if kind == "email" else "***"


def _shown(text: str, one: Private) -> set[int]:
    if one.kind == "email":
        return {one.start, one.start + 1} if one.end - one.start > 2 else {one.start}
    if one.kind != "mobile":
        return set()
    digits = [at for at in range(one.start, one.end) if text[at].isnumeric()]
    return {*digits[:3], *digits[-4:]}
