"""One line for the agent, in Chinese, from the catalogue. It travels on Kafka: nothing private is in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.intake.understanding.catalogue import Catalogue, Phrase
from services.intake.understanding.timeline import Anomaly, local
from shared.contracts.tickets import Amount, Moment

LONGEST = 120
_QUOTE = 36
_SHOWN = 2
_SIGNS = {"CNY": "元", "USD": "美元", "HKD": "港币", "TWD": "台币", "JPY": "日元", "EUR": "欧元"}


@dataclass(frozen=True, slots=True)
class SummaryParts:
    """What the line is made of. ``shown`` is the masked text; the names are Chinese already."""

    type_name: str
    order_nos: Sequence[str]
    amounts: Sequence[Amount]
    timeline: Sequence[Moment]
    missing: Sequence[str]
    signal_names: Sequence[str]
    shown: str


def summary(parts: SummaryParts, catalogue: Catalogue) -> str:
    """At most ``LONGEST`` characters, no line break."""
    words = {name: phrase.zh for name, phrase in catalogue.summary.items()}
    join = words["list"].join
    pieces: list[str] = []
    if parts.signal_names:
        pieces.append(words["signals"].format(values=join(parts.signal_names)))
    if parts.order_nos:
        pieces.append(words["orders"].format(values=join(number[:40] for number in parts.order_nos[:_SHOWN])))
    if parts.amounts:
        pieces.append(words["amounts"].format(values=join(_money(amount) for amount in parts.amounts[:_SHOWN])))
    if parts.missing:
        pieces.append(words["missing"].format(values=join(catalogue.facts[fact].zh for fact in parts.missing)))
    moments = [_moment(entry, words) for entry in parts.timeline[:_SHOWN]]
    quote = " ".join(parts.shown.split())
    if not moments and quote:
        short = quote if len(quote) <= _QUOTE else f"{quote[: _QUOTE - 1]}…"
        moments = [words["says"].format(text=short)]
    line = words["type"].format(name=parts.type_name) + words["separator"].join(pieces + moments)
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def anomaly_sentence(found: Anomaly | None, catalogue: Catalogue) -> str | None:
    """The anomaly as a sentence an agent understands; None when nothing is odd."""
    if found is None:
        return None
    first, second = found.first, found.second
    gap = second.at - first.at if second and second.at and first.at else timedelta()
    approx = first.approx or bool(second and second.approx)
    return catalogue.anomaly[found.code].zh.format(
        first_at=_short(first.at),
        second_at=_short(second.at) if second else "",
        second_what=second.what if second else "",
        gap=_gap(abs(gap), approx, catalogue.gap),
    )


def _moment(entry: Moment, words: dict[str, str]) -> str:
    about = words["about"] if entry.approx else ""
    return words["moment"].format(at=_short(entry.at), about=about, what=" ".join(entry.what.split())).strip()


def _short(at: datetime | None) -> str:
    return local(at).strftime("%m-%d %H:%M") if at else ""


def _money(amount: Amount) -> str:
    return f"{amount.value:f}{_SIGNS.get(amount.currency, amount.currency)}"


def _gap(gap: timedelta, approx: bool, phrases: Mapping[str, Phrase]) -> str:
    minutes = int(gap.total_seconds() // 60)
    unit, size = ("minutes", 1) if minutes < 60 else ("hours", 60) if minutes < 48 * 60 else ("days", 24 * 60)
    spelled = phrases[unit].zh.format(n=minutes // size)
    return phrases["roughly"].zh.format(gap=spelled) if approx else spelled
