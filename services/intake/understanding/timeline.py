"""What happened when: given steps and found moments as one line, earliest first."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from services.intake.understanding.moments import SHANGHAI, Found
from shared.contracts.tickets import Moment

_WHAT = 40
_ENTRIES = 20
_SENTENCE_END = re.compile(r"[。!?;\n]")
_EDGE = " ,、:.。!?;\n"
_STARS = re.compile(r"\*{5,}")
_BOUGHT = re.compile(
    r"(?<!没)(?:购买|下单|[买拍]的|[买拍]了|购入|付款|支付|付了|付的|订购|bought|paid|purchased|ordered)"
)
_FAILED = re.compile(
    r"没[^,。]{0,6}[到收用]|未[^,。]{0,4}[到收用]|失败|无效|过期|失效|错误|不了|不上|不到|不能|不正确|不存在|被使用|已使用|作废|报错"
    r"|fail|expired|invalid|error|not work|already (?:used|redeemed)"
)
_EXPIRED = re.compile(r"过期|失效|到期|expired")


class GivenStep(Protocol):
    """A step a form or an integrator already knows; ``shared.contracts.contacts.Step`` is one."""

    @property
    def at(self) -> datetime | None:
        """When, if that is known; naive means Asia/Shanghai."""
        ...

    @property
    def what(self) -> str:
        """What happened, in the member's own words, not masked yet."""
        ...


@dataclass(frozen=True, slots=True)
class Anomaly:
    """Something in the time line that does not fit: ``code`` names a sentence of the catalogue."""

    code: str
    first: Moment
    second: Moment | None = None


def timeline(
    found: Sequence[Found], shown: str, given: Sequence[Moment] = (), purchased: Moment | None = None
) -> tuple[Moment, ...]:
    """``shown`` is the masked text the positions of ``found`` belong to. What was given outranks what was found:

    a found moment at the same minute as a given one is dropped, and a given purchase replaces a found one.
    """
    known = list(given)
    if purchased and not any(step.at == purchased.at for step in given):
        known.append(purchased)
    taken = {_minute(step.at) for step in known if step.at}
    entries = list(known)
    for index, moment in enumerate(found):
        until = found[index + 1].start if index + 1 < len(found) else len(shown)
        what = _what(shown, found[index - 1].end if index else 0, moment, until)
        if _minute(moment.at) in taken or (purchased and bought(what) and not failed(what)):
            continue
        entries.append(Moment(at=moment.at.replace(microsecond=0), what=what, approx=moment.approx))
    entries.sort(key=lambda entry: (entry.at is None, entry.at.timestamp() if entry.at else 0.0))
    return tuple(entries[:_ENTRIES])


def anomaly(entries: Sequence[Moment], received_at: datetime) -> Anomaly | None:
    """The first thing that does not fit: failed before bought, expired soon after, failed after, or done ahead."""
    purchase = next((entry for entry in entries if entry.at and bought(entry.what) and not failed(entry.what)), None)
    failure = next((entry for entry in entries if entry.at and failed(entry.what)), None)
    later = [entry for entry in entries if entry.at and entry.at > received_at + timedelta(days=1)]
    future = next((entry for entry in later if bought(entry.what) or failed(entry.what)), None)
    if purchase and failure and purchase.at and failure.at:
        if failure.at < purchase.at and not (failure.approx or purchase.approx):
            return Anomaly("failed_before_purchase", purchase, failure)
        if failure.at >= purchase.at:
            expired = _EXPIRED.search(failure.what) and failure.at - purchase.at < timedelta(days=30)
            return Anomaly("expired_after_purchase" if expired else "failed_after_purchase", purchase, failure)
    return Anomaly("in_the_future", future) if future else None


def bought(what: str) -> bool:
    """Whether the words tell of a purchase."""
    return _BOUGHT.search(what.lower()) is not None


def failed(what: str) -> bool:
    """Whether the words tell of something that did not work."""
    return _FAILED.search(what.lower()) is not None


def local(at: datetime) -> datetime:
    """The moment on the platform's clock."""
    return at.astimezone(SHANGHAI)


def _minute(at: datetime | None) -> datetime | None:
    return at.replace(second=0, microsecond=0) if at else None


def _what(shown: str, since: int, moment: Found, until: int) -> str:
    """The words after the moment up to the next one or the end of the sentence; else those before it."""
    end = _SENTENCE_END.search(shown, moment.end, until)
    after = shown[moment.end : end.start() if end else until].strip(_EDGE)
    if len(after) < 2:
        before = _SENTENCE_END.split(shown[since : moment.start])[-1].strip(_EDGE)
        after = before if len(before) >= 2 else shown[moment.end : until].strip(_EDGE)
    first = _STARS.sub("****", after.removeprefix("的").lstrip(_EDGE))
    return first if len(first) <= _WHAT else f"{first[: _WHAT - 1]}…"
