"""How long the flow stood still: for whoever wrote during a fault, the longest wait for each effect. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from tests.chaos.fault import Step
from tests.chaos.log import Entry

EFFECTS: Final = {
    "opened": frozenset({"opened"}),
    "promised": frozenset({"promised"}),
    "routed": frozenset({"queued", "assigned"}),
}
NOTICED: Final = "noticed"
STAGES: Final = (*EFFECTS, NOTICED)
MARGIN_SECONDS: Final = 0.5
"""A contact sent this long before a fault may still be on its way when it strikes."""


@dataclass(frozen=True, slots=True)
class Struck:
    """One fault as it happened: from when, until everything flowed again, in seconds since 1970."""

    step: Step
    began: float
    recovered: float


@dataclass(frozen=True, slots=True)
class Journey:
    """A contact: when it was sent, and how long it took to each effect, in seconds."""

    sent: float
    delays: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Standstill:
    """How much longer than usual the slowest contact of one fault took, at which stage."""

    struck: Struck
    seconds: float
    stage: str


def journeys(sent: Mapping[str, float], told: Iterable[Entry], notices: Iterable[Entry]) -> list[Journey]:
    """The way of every contact that opened a ticket."""
    contact_of: dict[str, str] = {}
    first: dict[tuple[str, str], float] = {}
    for entry in told:
        if entry.verb == "opened":
            contact_of.setdefault(entry.ticket_id, entry.told["contact_id"])
        for stage, verbs in EFFECTS.items():
            if entry.verb in verbs:
                _keep(first, (entry.ticket_id, stage), entry.at)
    for entry in notices:
        _keep(first, (entry.ticket_id, NOTICED), entry.at)
    return [
        Journey(
            sent[contact],
            {stage: first[ticket, stage] - sent[contact] for stage in STAGES if (ticket, stage) in first},
        )
        for ticket, contact in contact_of.items()
        if contact in sent
    ]


def usual(ways: Sequence[Journey], struck: Sequence[Struck]) -> dict[str, float]:
    """The median delay to each effect of contacts sent when nothing was wrong; of all, when something always was."""
    calm = [way for way in ways if not any(_within(way, one) for one in struck)] or list(ways)
    return {
        stage: median(found) if (found := [way.delays[stage] for way in calm if stage in way.delays]) else 0.0
        for stage in STAGES
    }


def standstills(ways: Sequence[Journey], struck: Sequence[Struck]) -> list[Standstill]:
    """The standstill of every fault; 0 seconds when nobody waited longer than usual."""
    normal = usual(ways, struck)
    ordered = sorted(ways, key=lambda way: way.sent)
    return [_standstill([way for way in ordered if _within(way, one)], one, normal) for one in struck]


def _standstill(ways: Sequence[Journey], struck: Struck, normal: Mapping[str, float]) -> Standstill:
    worst = {
        stage: max((way.delays[stage] - normal[stage] for way in ways if stage in way.delays), default=0.0)
        for stage in STAGES
    }
    # An effect that waited for an earlier one is late by the same: the earliest stage with most of it is the cause.
    longest = max(0.0, *worst.values())
    stage = next(stage for stage in STAGES if max(0.0, worst[stage]) >= 0.9 * longest)
    return Standstill(struck, longest, stage)


def _within(way: Journey, struck: Struck) -> bool:
    return struck.began - MARGIN_SECONDS <= way.sent <= struck.recovered


def _keep(first: dict[tuple[str, str], float], name: tuple[str, str], at: float) -> None:
    first[name] = min(at, first.get(name, at))
