"""Phone numbers in E.164: mobile, landline, 400 hotline, international."""

import re

from services.intake.understanding.extract.claimed_spans import ClaimedSpans

# Exchanges show and dial a mobile number of another town with a 0 before it.
MOBILE = re.compile(
    r"(?:(?<![0-9a-zA-Z])|(?<=tel)|(?<=phone)|(?<=mobile))(?:\(?(?:\+|00)?86\)?[ -]?|0)?"
    r"(1[3-9]\d([ -]?)\d{4}\2\d{4})(?!\d|[A-Za-z]\d)",
    re.IGNORECASE,
)
_LANDLINE = re.compile(r"(?<![0-9a-zA-Z-])(?:\+?86[ -]?)?\(?0(\d{2,3})[)-] ?(\d{7,8})(?![0-9-])")
_HOTLINE = re.compile(r"(?<![0-9a-zA-Z-])([48]00)([ -]?)(\d{3})\2(\d{4})(?![0-9-])")
_INTERNATIONAL = re.compile(r"\+\d(?:[ -]?\d){6,14}(?!\d)")
_ORDER_LABEL = re.compile(
    r"(?:单号|单编号|编号|流水号?|交易号|订单|order(?: ?(?:no|number|num|id))?\.?)码?[ :#.=是为]{0,4}$", re.IGNORECASE
)
_NOT_DIGIT = re.compile(r"\D")


def claim_phones(spans: ClaimedSpans) -> tuple[str, ...]:
    """Claim phone numbers and return them, in text order, each once."""
    found_at: dict[int, str] = {}
    for pattern in (MOBILE, _LANDLINE, _HOTLINE, _INTERNATIONAL):
        for found in pattern.finditer(spans.open):
            start, end = found.span()
            # Ten digits right after "order no." may begin like a hotline; eleven that are a mobile number are one.
            if pattern in (_LANDLINE, _HOTLINE) and _ORDER_LABEL.search(spans.open[max(0, start - 16) : start]):
                continue
            number = _e164(pattern, found)
            spans.claim("phone", start, end)
            if number:
                found_at[start] = number
    return tuple(dict.fromkeys(found_at[start] for start in sorted(found_at)))


def _e164(pattern: re.Pattern[str], found: re.Match[str]) -> str | None:
    if pattern is MOBILE:
        return "+86" + _NOT_DIGIT.sub("", found[1])
    if pattern is _INTERNATIONAL:
        return _valid_international(found[0])
    return "+86" + "".join(_NOT_DIGIT.sub("", part or "") for part in found.groups())


def _valid_international(written: str) -> str | None:
    # Imported when first met: the tables cost 40 ms and few contacts name a foreign number.
    import phonenumbers

    try:
        number = phonenumbers.parse(written)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
