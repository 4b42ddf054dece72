"""Order numbers: labelled ones of any shape, unlabelled ones of eight digits or more."""

import re

from services.intake.understanding.extract.claimed_spans import MOST_CLAIMED, TAKEN, ClaimedSpans

_NUMBER = r"[A-Za-z0-9][A-Za-z0-9_-]{3,39}"
_LABELLED = re.compile(
    r"(?<!工)(?:订单编?号码?|商户单号|流水号|交易号|运单号|单编?号码?|编号|订单"
    r"|(?<![a-z])order(?: ?(?:no|number|num|id))?\.?)"
    rf"[ :#.=\"'「【(]{{0,4}}(?:是|为|is)?[ :#\"'「【(]{{0,3}}({_NUMBER})",
    re.IGNORECASE,
)
_FURTHER = re.compile(rf" ?(?:、|,|/|;|和|及|跟|与|以及|还有|到|至|and|&) ?({_NUMBER})", re.IGNORECASE)
_GROUPED = re.compile(r"(?<![\d.-])\d{4}(?: \d{4}){2,7}(?: \d{1,3})?(?![\d.:-])")
_UNLABELLED = re.compile(
    r"(?<![A-Za-z0-9_.@+-])[A-Za-z]{0,6}[_-]?\d{8,32}(?:[_-]\d{1,12}){0,4}[A-Za-z]{0,4}(?![A-Za-z0-9@])"
)
_DATE = re.compile(r"20\d\d(?:(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])|[-_]\d{1,2}(?:[-_]\d{1,2})?)")
_NOT_A_NUMBER_OF_ORDER = re.compile(r" ?(?:元|块|圆|rmb|年|月|点|:\d|分|%|个|张)")
_TAIL = re.compile(r"(?:尾号|后[四4六6]位|末[四4]位)[^,。;]{0,4}$")


def order_key(written: str) -> str:
    """One spelling of an order number: km 2026 is KM2026. Two that differ in case alone are one order."""
    return written.replace(" ", "").upper()


def claim_orders(spans: ClaimedSpans) -> tuple[str, ...]:
    """Claim order numbers and return them in text order, each once: in capitals and without blanks, for members write
    them as they like (``order_key``)."""
    found_at: dict[int, str] = {}
    _claim_labelled(spans, found_at)
    for pattern in (_GROUPED, _UNLABELLED):
        for found in pattern.finditer(spans.open):
            if len(found_at) >= MOST_CLAIMED:
                break
            if pattern is _UNLABELLED and _DATE.fullmatch(found[0]):
                continue
            _accept(spans, found.start(), found.end(), found_at)
    return tuple(dict.fromkeys(found_at[start] for start in sorted(found_at)))


def _claim_labelled(spans: ClaimedSpans, found_at: dict[int, str]) -> None:
    at = 0
    while len(found_at) < MOST_CLAIMED and (label := _LABELLED.search(spans.open, at)):
        grouped = _GROUPED.match(spans.open, label.start(1))
        start, end = grouped.span() if grouped else label.span(1)
        at = end
        if not _accept(spans, start, end, found_at):
            continue
        while (more := _FURTHER.match(spans.open, at)) and not _DATE.match(more[1]):
            if not _accept(spans, more.start(1), more.end(1), found_at):
                break
            at = more.end(1)


def _accept(spans: ClaimedSpans, start: int, end: int, found_at: dict[int, str]) -> bool:
    written = spans.open[start:end]
    digits = sum(char.isdigit() for char in written)
    if digits < 4 or 2 * digits < len(written) or TAKEN in written:
        return False
    if _NOT_A_NUMBER_OF_ORDER.match(spans.open, end) or _TAIL.search(spans.open[max(0, start - 8) : start]):
        return False
    if "-" in written and _DATE.fullmatch(written):
        return False
    found_at[start] = order_key(written)
    spans.claim("order", start, end)
    return True
