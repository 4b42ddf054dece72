"""The figures of a day. Pure: a ledger in, plain rows out, ready for any table."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Final

from cli.simulation.channels import CHANNELS
from cli.simulation.ledger import Ledger
from cli.simulation.texts import Colleague
from cli.tickets.view import ClockView, TicketView
from shared.contracts import tickets as said
from shared.contracts.vocabulary import AnsweredBy, Clock, DeclineCause, ProblemType, Tier


@dataclass(frozen=True, slots=True)
class TypeRow:
    """Tickets of one problem type by the channel they began on, and how many of them are over."""

    problem_type: str
    by_channel: dict[str, int]
    over: int

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.by_channel.values())


def by_type(ledger: Ledger) -> list[TypeRow]:
    """A row for each problem type there was, in the order of the contract."""
    order = {name.value: place for place, name in enumerate(ProblemType)}
    found: dict[str, list[TicketView]] = {}
    for ticket in ledger.tickets.values():
        found.setdefault(ticket.problem_type or "", []).append(ticket)
    rows = []
    for name in sorted(found, key=lambda one: order.get(one, len(order))):
        counts = Counter(str(ticket.channel) for ticket in found[name])
        rows.append(TypeRow(name, {channel: counts[channel] for channel in CHANNELS}, _over(found[name])))
    return rows


@dataclass(slots=True)
class SolverRow:
    """What one agent (or the bot, or self-service) did. ``answer_seconds``: from taking a ticket to answering it."""

    name: str
    kind: str = AnsweredBy.AGENT
    offered: int = 0
    taken: int = 0
    declined: int = 0
    missed: int = 0
    answers: int = 0
    solved: int = 0
    answer_seconds: list[float] | None = None

    @property
    def typical_answer(self) -> float | None:
        """The median of ``answer_seconds``."""
        return median(self.answer_seconds) if self.answer_seconds else None


def solvers(ledger: Ledger) -> list[SolverRow]:
    """A row for everybody who was offered a ticket, answered or solved, who solved most first."""
    rows: dict[tuple[str, str], SolverRow] = {}

    def row(name: str, kind: str = AnsweredBy.AGENT) -> SolverRow:
        return rows.setdefault((kind, name), SolverRow(name, kind))

    for ticket in ledger.tickets.values():
        taken: dict[str, datetime] = {}
        for entry in ticket.story:
            match entry.event:
                case said.TicketAssigned() as event:
                    row(event.agent_id).offered += 1
                case said.TicketAccepted() as event:
                    row(event.agent_id).taken += 1
                    taken[event.agent_id] = event.at
                case said.TicketDeclined() as event:
                    row(event.agent_id).declined += event.cause == DeclineCause.DECLINED
                    row(event.agent_id).missed += event.cause == DeclineCause.TIMEOUT
                case said.TicketAnswered() as event:
                    one = row(event.by.id, event.by.kind)
                    one.answers += 1
                    if event.by.id in taken:
                        seconds = (event.at - taken.pop(event.by.id)).total_seconds()
                        one.answer_seconds = [*(one.answer_seconds or ()), seconds]
                case said.TicketResolved() as event:
                    row(event.by.id, event.by.kind).solved += 1
    return sorted(rows.values(), key=lambda one: (-one.solved, one.kind, one.name))


def by_team(rows: Sequence[SolverRow], agents: Mapping[str, Colleague]) -> list[SolverRow]:
    """The rows of agents added up by their team, the others as they are; a row is named by the team and its size."""
    teams: dict[str, list[SolverRow]] = {}
    others = []
    for row in rows:
        agent = agents.get(row.name)
        if agent is None or row.kind != AnsweredBy.AGENT:
            others.append(row)
        else:
            teams.setdefault(agent.team, []).append(row)
    return [_together(f"all {len(mine)}", team, mine) for team, mine in teams.items()] + others


def _together(name: str, kind: str, rows: Sequence[SolverRow]) -> SolverRow:
    return SolverRow(
        name=name,
        kind=kind,
        offered=sum(row.offered for row in rows),
        taken=sum(row.taken for row in rows),
        declined=sum(row.declined for row in rows),
        missed=sum(row.missed for row in rows),
        answers=sum(row.answers for row in rows),
        solved=sum(row.solved for row in rows),
        answer_seconds=[seconds for row in rows for seconds in row.answer_seconds or ()],
    )


@dataclass(frozen=True, slots=True)
class PromiseRow:
    """What became of one promise to one tier. ``late``: kept after it was due; ``broken``: not at all yet."""

    tier: str
    clock: str
    made: int
    kept: int
    late: int
    broken: int
    running: int
    answer_seconds: float | None


def promises(ledger: Ledger) -> list[PromiseRow]:
    """A row for each tier and promise there was."""
    rows = []
    for tier in Tier:
        mine = [ticket for ticket in ledger.tickets.values() if ticket.tier == tier]
        for name in Clock:
            clocks = [(ticket, ticket.clocks[name]) for ticket in mine if name in ticket.clocks]
            if clocks:
                rows.append(_promise_row(tier, name, clocks))
    return rows


def _promise_row(tier: str, name: str, clocks: Sequence[tuple[TicketView, ClockView]]) -> PromiseRow:
    broken = [clock for _, clock in clocks if clock.standing == "broken"]
    seconds = [
        (clock.met_at - ticket.opened_at).total_seconds()
        for ticket, clock in clocks
        if clock.met_at and ticket.opened_at and name != Clock.NEXT_ANSWER
    ]
    return PromiseRow(
        tier=tier,
        clock=name,
        made=len(clocks),
        kept=sum(clock.standing == "met" for _, clock in clocks),
        late=sum(clock.met_at is not None for clock in broken),
        broken=sum(clock.met_at is None for clock in broken),
        running=sum(clock.standing in ("running", "warned") for _, clock in clocks),
        answer_seconds=median(seconds) if seconds else None,
    )


@dataclass(frozen=True, slots=True)
class EscalationRow:
    """Tickets that climbed to a level for one cause, and how many of these climbs somebody took charge of."""

    level: int
    team: str
    cause: str
    count: int
    acknowledged: int


def escalations(ledger: Ledger) -> list[EscalationRow]:
    """A row for each level and cause."""
    count: Counter[tuple[int, str, str]] = Counter()
    taken: Counter[tuple[int, str, str]] = Counter()
    for ticket in ledger.tickets.values():
        rung: tuple[int, str, str] | None = None
        for entry in ticket.story:
            match entry.event:
                case said.TicketEscalated() as event:
                    rung = (event.level, event.team, event.cause)
                    count[rung] += 1
                case said.TicketAcknowledged() if rung:
                    taken[rung] += 1
                    rung = None
    return [EscalationRow(*rung, count[rung], taken[rung]) for rung in sorted(count)]


def notices(ledger: Ledger) -> tuple[list[str], list[tuple[str, str, Counter[str]]]]:
    """The channels, and a row for each outcome and reason: how many notices by channel."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for notice in ledger.notices.values():
        found.setdefault((notice.outcome, notice.reason or ""), Counter())[notice.channel] += 1
    channels = sorted({notice.channel for notice in ledger.notices.values()})
    rows = sorted(found.items(), key=lambda item: -item[1].total())
    return channels, [(outcome, reason, counts) for (outcome, reason), counts in rows]


@dataclass(frozen=True, slots=True)
class LetterRow:
    """Dead letters of one topic and group for one reason, with the words of the first."""

    topic: str
    group: str
    reason: str
    count: int
    message: str


def dead_letters(ledger: Ledger) -> list[LetterRow]:
    """A row for each reason."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for letter in ledger.letters:
        found.setdefault((letter.topic, letter.group, letter.reason), []).append(letter.message)
    return [LetterRow(*name, len(messages), messages[0]) for name, messages in sorted(found.items())]


@dataclass(frozen=True, slots=True)
class Latency:
    """How long a step took, in seconds, by the timestamps of Kafka."""

    step: str
    count: int
    p50: float
    p99: float
    most: float


STEPS: Final = ("opened", "promised", "assigned", "answered", "resolved")


def latencies(ledger: Ledger) -> list[Latency]:
    """From the contact that began a ticket to each step of its life."""
    found = []
    for verb in STEPS:
        seconds = sorted(
            told[verb] - ledger.written[ledger.opener[ticket_id]]
            for ticket_id, told in ledger.first.items()
            if verb in told and ledger.opener.get(ticket_id) in ledger.written
        )
        if seconds:
            found.append(Latency(verb, len(seconds), share_of(seconds, 0.5), share_of(seconds, 0.99), seconds[-1]))
    return found


def share_of(ascending: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed (nearest rank)."""
    return ascending[max(0, math.ceil(share * len(ascending)) - 1)]


def busiest_second(ledger: Ledger) -> int:
    """The most contacts that were written within one second of the clock."""
    return max(Counter(int(at) for at in ledger.written.values()).values(), default=0)


def throughput(ledger: Ledger) -> float:
    """Contacts a second, from the first to the last."""
    times = ledger.written.values()
    span = max(times, default=0.0) - min(times, default=0.0)
    return len(times) / span if span else 0.0


def states(ledger: Ledger) -> dict[str, int]:
    """How many tickets are where."""
    counts = Counter(
        f"waiting on {ticket.waiting_on}" if ticket.state == "waiting" else ticket.state
        for ticket in ledger.tickets.values()
    )
    return dict(counts.most_common())


def most_eventful(ledger: Ledger) -> TicketView | None:
    """The ticket with the story most worth reading: the most different things happened, on the most channels."""

    def worth(ticket: TicketView) -> tuple[int, int, str]:
        verbs = {entry.verb for entry in ticket.story}
        channels = set(ledger.channels.get(ticket.ticket_id, ()))
        return len(verbs) + 2 * len(channels), -len(ticket.story), ticket.ticket_no

    return max(ledger.tickets.values(), key=worth, default=None)


def _over(tickets: Iterable[TicketView]) -> int:
    return sum(not ticket.is_open for ticket in tickets)
