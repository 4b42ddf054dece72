"""Nothing lost, nothing twice: tickets, further contacts, promises, assignments, rungs of the ladder."""

import itertools
from collections import Counter, defaultdict

from tests.chaos.invariants.verdict import Evidence, Verdict
from tests.chaos.log import Entry


def one_ticket_a_contact(evidence: Evidence) -> Verdict:
    """Every contact opened one ticket, and no ticket is about anything else."""
    opened = Counter(entry.told["contact_id"] for entry in evidence.told if entry.verb == "opened")
    breaches = [f"contact {name} opened {opened[name]} tickets" for name in evidence.contacts if opened[name] != 1]
    breaches += [f"{name} opened a ticket and must not" for name in sorted(opened.keys() - evidence.contacts)]
    found = f"{len(evidence.contacts):,} contacts sent, {opened.total():,} tickets opened"
    return Verdict("tickets = contacts", found, breaches)


def one_amendment_each(evidence: Evidence) -> Verdict:
    """Every further contact is in the ticket of its matter, once."""
    ticket_of = {one.told["contact_id"]: one.ticket_id for one in evidence.told if one.verb == "opened"}
    amended = [one for one in evidence.told if one.verb == "amended"]
    counts = Counter(one.told["contact_id"] for one in amended)
    breaches = [f"{name} amended {counts[name]} times" for name in evidence.amendments if counts[name] != 1]
    for one in amended:
        name = one.told["contact_id"]
        if name not in evidence.matter_of:
            breaches.append(f"{one}: nobody sent {name} as a further contact")
        elif ticket_of.get(evidence.matter_of[name]) != one.ticket_id:
            breaches.append(f"{one}: {name} is about another ticket")
    found = f"{len(evidence.amendments):,} further contacts sent, {len(amended):,} amendments"
    return Verdict("further contacts amend once", found, breaches)


def promises_once(evidence: Evidence) -> Verdict:
    """Every ticket is promised; a promise is said again only when it has changed; a clock warns and breaks once."""
    breaches: list[str] = []
    count: Counter[str] = Counter()
    for ticket_id, story in evidence.tickets.items():
        promised = [_terms(one) for one in story if one.verb == "promised"]
        if not promised:
            breaches.append(f"ticket {ticket_id} was never promised anything")
        breaches += [
            f"ticket {ticket_id} was promised the same twice: {after}"
            for before, after in itertools.pairwise(promised)
            if before == after
        ]
        for verb in ("warned", "breached"):
            said = Counter((one.told["clock"], one.told["due"]) for one in story if one.verb == verb)
            breaches += [
                f"ticket {ticket_id} {verb} {times} times of {what}" for what, times in said.items() if times > 1
            ]
            count[verb] += said.total()
        count["promised"] += len(promised)
    found = f"{count['promised']:,} promises, {count['warned']:,} warnings, {count['breached']:,} breaches"
    return Verdict("each promise once", found, breaches)


def assignments_once(evidence: Evidence) -> Verdict:
    """The attempts of every ticket count 1, 2, 3 … in routing's order."""
    breaches, total = [], 0
    for ticket_id, story in evidence.tickets.items():
        attempts = [one.told["attempt"] for one in sorted(story, key=_sequence) if one.verb == "assigned"]
        total += len(attempts)
        if attempts != list(range(1, len(attempts) + 1)):
            breaches.append(f"ticket {ticket_id} was assigned with attempts {attempts}")
    return Verdict("each assignment once", f"{total:,} assignments", breaches)


def escalations_once(evidence: Evidence) -> Verdict:
    """Each level of each ladder once. A ladder is named by its clock and the due time that broke it; sla's order."""
    breaches, total = [], Counter[int]()
    for ticket_id, story in evidence.tickets.items():
        cycle: dict[str, str] = defaultdict(str)
        seen: set[tuple[str, str, int]] = set()
        for one in sorted((one for one in story if one.source == "/kefu/sla"), key=_sequence):
            if one.verb == "breached":
                cycle[one.told["clock"]] = one.told["due"]
            elif one.verb == "escalated":
                clock, level = one.told["clock"] or "appeal", one.told["level"]
                total[level] += 1
                if (rung := (clock, cycle[clock], level)) in seen:
                    breaches.append(f"ticket {ticket_id} was escalated twice to {rung}")
                seen.add(rung)
    found = ", ".join(f"level {level}: {count:,}" for level, count in sorted(total.items())) or "no escalation"
    return Verdict("each escalation level once", found, breaches)


def _terms(entry: Entry) -> tuple[object, ...]:
    names = ("first_answer_due", "plan_due", "next_answer_due", "policy", "calendar", "at_once")
    return tuple(str(entry.told.get(name)) for name in names)


def _sequence(entry: Entry) -> int:
    return entry.sequence
