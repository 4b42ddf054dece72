"""The one way in: what a member wrote becomes a typed, masked, explained understanding of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from services.intake.understanding.catalogue import Catalogue
from services.intake.understanding.decide import Voter, complexity, decide, rules_vote
from services.intake.understanding.extract import Extracted, extract, nobodys
from services.intake.understanding.extract.orders import order_key
from services.intake.understanding.extract.phones import MOBILE
from services.intake.understanding.language import language
from services.intake.understanding.mask import mask, masked
from services.intake.understanding.missing import Known, known_facts, missing
from services.intake.understanding.moments import SHANGHAI, find_moments
from services.intake.understanding.normalise import Normalised, normalise, with_subject
from services.intake.understanding.own_words import own_words
from services.intake.understanding.problem_types import ProblemTypes
from services.intake.understanding.rules import Hit, in_words
from services.intake.understanding.signals import forces_human, signals, urgency
from services.intake.understanding.summary import SummaryParts, anomaly_sentence, summary
from services.intake.understanding.timeline import GivenStep, anomaly, timeline
from shared.contracts.model import EARLIEST_YEAR, LATEST_YEAR
from shared.contracts.ticket_numbers import is_ticket_number
from shared.contracts.tickets import Amount, Candidate, Moment
from shared.contracts.vocabulary import Complexity, Outcome, ProblemType, Remark, Urgency

_GIVEN_STEPS = 20
_ORDER_NO = 64
_BOUGHT = "购买"
_NO_MATTER: Final = {ProblemType.OTHER.value: 0.9}


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a contact says. ``summary``, ``anomaly`` and time line are masked, fit for a topic; ``phones`` is not.
    ``order_nos`` are in one spelling, in capitals.

    All of it is from the member's own words (``own_words``). ``remark`` says whether they are a matter at all; a
    machine's note names neither facts nor signals. ``anomaly`` is a sentence or None. ``missing`` names required facts
    to ask for once. ``reasons`` explains: ``rule:<type>/<rule>``, ``remark:…``, ``type:…``, ``human:<signal>``,
    ``complex:…``.
    """

    problem_type: str
    candidates: tuple[Candidate, ...]
    outcome: Outcome
    complexity: Complexity
    urgency: Urgency
    order_nos: tuple[str, ...]
    amounts: tuple[Amount, ...]
    phones: tuple[str, ...]
    timeline: tuple[Moment, ...]
    anomaly: str | None
    missing: tuple[str, ...]
    signals: tuple[str, ...]
    language: str
    summary: str
    reasons: tuple[str, ...]
    remark: Remark
    known: Known
    summary_parts: SummaryParts

    def summary_lacking(self, missing: tuple[str, ...], catalogue: Catalogue) -> str:
        """The summary for a ticket that lacks these facts: what this contact leaves out, an earlier one may say."""
        if missing == self.missing:
            return self.summary
        return summary(replace(self.summary_parts, missing=missing), catalogue)


def understand(
    text: str | None,
    *,
    received_at: datetime,
    rules: ProblemTypes,
    subject: str | None = None,
    steps: Sequence[GivenStep] = (),
    order_no: str | None = None,
    purchased_at: datetime | None = None,
    voters: Sequence[Voter] = (),
) -> Understanding:
    """Understand one contact. Never raises on any text; work is bounded by the characters read, not by those sent.

    ``steps``, ``order_no`` and ``purchased_at`` were given beside the text and outrank what is found in it.
    ``received_at`` (naive means Asia/Shanghai) is the moment relative times count from.
    """
    received_at = _aware(received_at)
    own = own_words(subject, text)
    given = normalise(with_subject(own.subject, own.text))
    remark = _remark(given, rules, beside=bool(order_no or purchased_at or steps))
    # A machine's note is read all the same: what is private in it has to be known to be hidden.
    facts = extract(given) if remark is not Remark.AUTOMATIC else nobodys(extract(given))
    hits = rules.matcher.hits(in_words(given.folded, facts.claims)) if remark is Remark.MATTER else ()
    fired = signals(hits, rules)
    decision = decide(_votes(given, remark, hits, voters), rules.thresholds, forces_human(fired, rules))
    order_nos = _orders(order_no, facts)
    shown = mask(given, facts, order_nos)
    # From what no number has claimed: 20241015 inside an order number is no day.
    entries = timeline(
        find_moments(facts.unclaimed, received_at), shown, _given(steps, order_nos), _purchase(purchased_at)
    )
    highest = max((float(amount.value) for amount in facts.amounts), default=0.0)
    how_complex, complex_reasons = complexity(decision, len(order_nos), len(entries), highest, rules)
    known = known_facts(
        given, facts, order_nos=order_nos, timeline=entries, purchased_at=purchased_at, received_at=received_at
    )
    lacking = missing(decision.problem_type, known, rules)
    summary_parts = SummaryParts(
        type_name=rules.types[decision.problem_type].names.zh,
        order_nos=order_nos,
        amounts=facts.amounts,
        timeline=entries,
        missing=lacking,
        signal_names=[rules.signals[name].names.zh for name in fired],
        shown=shown,
    )
    return Understanding(
        problem_type=decision.problem_type,
        candidates=decision.candidates,
        outcome=decision.outcome,
        complexity=how_complex,
        urgency=urgency(decision.problem_type, fired, rules),
        order_nos=order_nos,
        amounts=facts.amounts,
        phones=facts.phones,
        timeline=entries,
        anomaly=anomaly_sentence(anomaly(entries, received_at), rules.catalogue),
        missing=lacking,
        signals=fired,
        language=language(given),
        summary=summary(summary_parts, rules.catalogue),
        reasons=(*_fired_rules(hits), *_why_no_matter(remark), *decision.reasons, *complex_reasons),
        remark=remark,
        known=known,
        summary_parts=summary_parts,
    )


def _remark(given: Normalised, rules: ProblemTypes, *, beside: bool) -> Remark:
    """A greeting with facts ``beside`` it, in a form's fields, is a matter."""
    remark = rules.remarks.remark(given.folded)
    return Remark.MATTER if remark is Remark.GREETING and beside else remark


def _votes(
    given: Normalised, remark: Remark, hits: Sequence[Hit], voters: Sequence[Voter]
) -> list[Mapping[str, float]]:
    if remark is Remark.MATTER:
        return [rules_vote(hits), *(voter.vote(given) for voter in voters)]
    return [_NO_MATTER] if given.folded else []


def _why_no_matter(remark: Remark) -> Iterator[str]:
    if remark is not Remark.MATTER:
        yield f"remark:{remark}"


def _fired_rules(hits: Sequence[Hit]) -> Iterator[str]:
    return (f"rule:{hit.rule.target}/{hit.rule.id}" for hit in hits if hit.rule.kind == "type")


def _aware(at: datetime) -> datetime:
    at = at if at.tzinfo else at.replace(tzinfo=SHANGHAI)
    # Near the ends of the calendar a change of zone overflows; such a clock is wrong anyway.
    return at if EARLIEST_YEAR <= at.year <= LATEST_YEAR else datetime(EARLIEST_YEAR, 1, 2, tzinfo=UTC)


def _orders(order_no: str | None, facts: Extracted) -> tuple[str, ...]:
    """The one a form gave, then those of the text. A form's field, too, holds telephone and ticket numbers at times."""
    stated = order_key(normalise(order_no[:_ORDER_NO]).text) if order_no else ""
    if MOBILE.fullmatch(stated) or is_ticket_number(stated):
        stated = ""
    return tuple(dict.fromkeys(number for number in (stated, *facts.order_nos) if number))


def _given(steps: Sequence[GivenStep], order_nos: tuple[str, ...]) -> list[Moment]:
    entries: list[Moment] = []
    for step in steps[:_GIVEN_STEPS]:
        at = _aware(step.at) if step.at else None
        what = masked(step.what[:200], order_nos)
        if at or what:
            entries.append(Moment(at=at, what=what))
    return entries


def _purchase(at: datetime | None) -> Moment | None:
    return Moment(at=_aware(at), what=_BOUGHT) if at else None
