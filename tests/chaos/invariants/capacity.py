"""No agent above capacity, in the order in which routing decided.

That order is ce_sequence of routing's events, across all partitions. It is the id of the outbox row, drawn from one
sequence when the row is written; whoever changes an agent's load holds the agent's row locked from before that until
the commit, so for every agent the ids grow in the order of the commits.
"""

from collections import Counter

from tests.chaos.invariants.verdict import Evidence, Verdict

_FREES = frozenset({"declined", "queued", "resolved", "closed"})


def within_capacity(evidence: Evidence) -> Verdict:
    """Replays who holds what; nobody ever holds more than their seats, and routing's own books agree at the end."""
    holder: dict[str, str] = {}
    load: Counter[str] = Counter()
    fullest: Counter[str] = Counter()
    breaches: list[str] = []
    ours = (one for one in evidence.told if one.source == "/kefu/routing")
    for one in sorted(ours, key=lambda one: one.sequence):
        ticket_id = one.ticket_id
        if one.verb in _FREES or one.verb == "assigned":
            load[holder.pop(ticket_id, "")] -= 1
        if one.verb == "assigned":
            agent = str(one.told["agent_id"])
            holder[ticket_id] = agent
            load[agent] += 1
            fullest[agent] = max(fullest[agent], load[agent])
            if load[agent] > evidence.capacity.get(agent, 0):
                breaches.append(f"{one}: {agent} holds {load[agent]} tickets")
    breaches += [
        f"routing's books say that {agent} holds {booked} tickets, its log says {load[agent]}"
        for agent, booked in evidence.loads.items()
        if booked != load[agent]
    ]
    full = sum(fullest[agent] >= seats for agent, seats in evidence.capacity.items())
    found = f"{len(evidence.capacity)} agents, {full} of them full at some time, {len(holder)} tickets held at the end"
    return Verdict("nobody above capacity", found, breaches)
