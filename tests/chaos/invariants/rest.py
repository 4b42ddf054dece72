"""When all is over: nothing is left to say, to read or to give to somebody, and everybody works."""

from tests.chaos.invariants.verdict import Evidence, Verdict


def outboxes_empty(evidence: Evidence) -> Verdict:
    """No outbox holds anything."""
    breaches = [
        f"{service} has {count} records left to publish" for service, count in evidence.outboxes.items() if count
    ]
    return Verdict(
        "outboxes empty", f"{len(evidence.outboxes)} outboxes, {sum(evidence.outboxes.values())} rows", breaches
    )


def no_lag(evidence: Evidence) -> Verdict:
    """Every group has processed every record, and has told Kafka so."""
    breaches = [f"{place}: {count} records behind" for place, count in evidence.lags.items() if count]
    return Verdict("no lag", f"{len(evidence.lags)} places, {sum(evidence.lags.values())} records", breaches)


def everybody_works(evidence: Evidence) -> Verdict:
    """Every process is ready, none has stopped for a person to look, and each fault was recovered from."""
    breaches = [f"{name}: {reason}" for name, reason in evidence.unready.items()]
    return Verdict("everybody works", f"{len(breaches)} complaints", breaches)


def everything_on_its_way(evidence: Evidence) -> Verdict:
    """Every ticket was promised, queued or assigned, and written to its member; nobody waits for an agent for ever."""
    breaches = []
    noticed = {one.ticket_id for one in evidence.notices}
    for ticket_id, story in evidence.tickets.items():
        verbs = {one.verb for one in story}
        if "promised" not in verbs:
            breaches.append(f"ticket {ticket_id} has no promise")
        if not verbs & {"queued", "assigned"}:
            breaches.append(f"ticket {ticket_id} was never queued")
        if ticket_id not in noticed:
            breaches.append(f"ticket {ticket_id}: no notice was even thought of")
    if evidence.queued:
        breaches.append(f"{evidence.queued} tickets are still waiting for an agent")
    solved = sum(any(one.verb == "resolved" for one in story) for story in evidence.tickets.values())
    return Verdict("everything on its way", f"{len(evidence.tickets):,} tickets, {solved:,} solved", breaches)
