"""What the topics say about a day: records in, figures and verdicts out."""

from datetime import UTC, datetime, timedelta
from typing import Any

from cli.dead_letters.letter import DeadLetter, LetterId
from cli.simulation import figures
from cli.simulation.checks import checks
from cli.simulation.ledger import Ledger, fold
from cli.simulation.log import Seen
from cli.simulation.played import Played
from cli.simulation.story import story
from cli.simulation.texts import cast
from cli.simulation.times import DayClock, WallClock
from shared.contracts import contacts, notices, tickets
from shared.contracts.actions import ActionRequested, Actor
from shared.contracts.envelope import Decoded, Envelope
from shared.contracts.model import Fact
from shared.contracts.registry import BY_MODEL
from shared.contracts.tickets import AssignmentReason, Party

NOW = datetime(2026, 10, 16, 2, 0, tzinfo=UTC)
AGENT = Party(kind="agent", id="A01")


class Topics:
    """Records as they would be read, and what was sent for them."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.played = Played()
        self.letters: list[DeadLetter] = []

    def contact(self, name: str, seconds: float = 0, matter: int = 1, *, ours: bool = True) -> None:
        sender = contacts.Sender(kind="member", value="M-1")
        fields: dict[str, Any] = {"contact_id": name, "channel": "chat", "received_at": NOW, "sender": sender}
        self._add(contacts.ContactReceived, seconds, **fields)
        if ours:
            self.played.sent["chat", name] = matter

    def says(self, model: type[Fact], seconds: float, ticket: str = "T-1", event_id: str = "", **fields: Any) -> None:
        about = {"ticket_id": ticket, "ticket_no": f"N-{ticket}", "member_id": "M-1", "tier": "gold"}
        self._add(model, seconds, event_id, **about, at=NOW + timedelta(seconds=seconds), **fields)

    def opened(self, name: str, seconds: float, ticket: str = "T-1", **fields: Any) -> None:
        given = {"channel": "chat", "contact_id": name, "problem_type": "refund"} | fields
        self.says(tickets.TicketOpened, seconds, ticket, **given)

    def notice(self, model: type[Fact], seconds: float, ticket: str = "T-1", reason: str | None = None) -> None:
        fields = {"notice_id": f"n-{ticket}", "ticket_id": ticket, "channel": "push", "template": "opened"}
        self._add(model, seconds, **fields, template_version=1, reason=reason)

    def dead(self, topic: str, reason: str, value: bytes = b"") -> None:
        place = LetterId(f"{topic}.intake.dlq", 0, len(self.letters))
        letter = DeadLetter(place, b"k", value, (), topic, 0, 0, "intake", reason, f"because {reason}", 1, NOW)
        self.letters.append(letter)

    def folded(self, **more: Any) -> Ledger:
        return fold(self.seen, self.played.sent, self.letters, **more)

    def verdicts(self, matters: int = 1, **more: Any) -> list[bool]:
        return [check.holds for check in checks(self.folded(**more), self.played, matters)]

    def _add(self, model: type[Fact], seconds: float, event_id: str = "", **fields: Any) -> None:
        kind = BY_MODEL[model]
        envelope = Envelope(event_id or str(len(self.seen)), kind.writer, kind.name)
        at = NOW.timestamp() + seconds
        self.seen.append(Seen(kind.topic.name, at, len(self.seen), Decoded(envelope, model(**fields)), ()))


def a_good_day() -> Topics:
    """One matter, two contacts, promised, assigned, answered late, escalated, taken charge of and solved."""
    topics = Topics()
    topics.contact("c1")
    topics.contact("c1", 0.1)
    topics.contact("c2", 3)
    topics.opened("c1", 0.2)
    due = NOW + timedelta(seconds=10)
    topics.says(tickets.TicketPromised, 0.3, first_answer_due=due, policy="gold", calendar="always@1")
    reason = AssignmentReason(rule="skill", candidates=3)
    topics.says(tickets.TicketAssigned, 1, agent_id="A01", queue="refund", reason=reason)
    topics.says(tickets.TicketAccepted, 2, agent_id="A01")
    topics.says(tickets.TicketAmended, 4, contact_id="c2", channel="chat")
    topics.says(tickets.TicketBreached, 10, clock="first_answer", due=due)
    topics.says(tickets.TicketEscalated, 10, level=1, team="supervisor", cause="breach", clock="first_answer")
    topics.says(tickets.TicketAcknowledged, 11, actor_kind="agent", actor_id="S01", team="supervisor")
    topics.says(tickets.TicketAnswered, 12, by=AGENT, text="请打 13912345678")
    topics.says(tickets.TicketResolved, 20, by=AGENT, how="refund")
    topics.notice(notices.NoticePlanned, 1)
    topics.notice(notices.NoticeDelivered, 2)
    return topics


def test_every_verdict_holds_on_a_good_day() -> None:
    """When every contact is in one ticket and nothing came twice, all that must hold holds."""
    assert all(a_good_day().verdicts(handsets={"n-T-1": 1}))


def test_others_tickets_are_no_part_of_the_day() -> None:
    """Tickets, contacts and notices of others on the same topics change no figure."""
    topics = a_good_day()
    before = topics.folded()
    topics.contact("theirs", ours=False)
    topics.opened("theirs", 1, "T-9")
    topics.notice(notices.NoticePlanned, 1, "T-9")
    after = topics.folded()
    assert (after.tickets.keys(), after.notices.keys()) == (before.tickets.keys(), before.notices.keys())
    assert (after.records, after.events) == (before.records, before.events)


def test_lost_contact_is_found_out() -> None:
    """A contact that is in no ticket makes the day a bad one."""
    topics = a_good_day()
    topics.contact("c3", 5)
    assert topics.verdicts()[0] is False


def test_split_matter_is_found_out() -> None:
    """One matter in two tickets makes the day a bad one, even when the number of tickets fits."""
    topics = a_good_day()
    topics.contact("c3", 5)
    topics.opened("c3", 6, "T-2")
    assert topics.verdicts(matters=2)[1] is False


def test_mixed_ticket_is_found_out() -> None:
    """Two matters in one ticket make the day a bad one."""
    topics = a_good_day()
    topics.played.sent["chat", "c2"] = 2
    assert topics.verdicts()[1] is False


def test_missing_dead_letter_is_found_out() -> None:
    """Poison that is nowhere in the dead letters makes the day a bad one."""
    topics = a_good_day()
    topics.played.poisons = 1
    assert topics.verdicts()[3] is False
    topics.dead("support.contact.v1", "not_json")
    assert topics.verdicts()[3] is True


def test_unrefused_action_is_found_out() -> None:
    """An action that is not allowed has to be among the dead letters by its id."""
    topics = a_good_day()
    topics.played.wrong = {"a-1"}
    topics.dead("support.action.v1", "wrong_actor", b'{"action_id": "a-2"}')
    assert topics.verdicts()[4] is False
    topics.dead("support.action.v1", "wrong_actor", b'{"action_id": "a-1"}')
    assert topics.verdicts()[4] is True


def test_second_effect_of_one_action_is_found_out() -> None:
    """An action that was published again and took effect again makes the day a bad one."""
    topics = a_good_day()
    actor = Actor(kind="agent", id="A01")
    answer = ActionRequested(action_id="a", ticket_id="T-1", actor=actor, kind="answer", text="请打 13912345678")
    topics.played.repeated = [answer]
    assert topics.verdicts()[4] is True
    topics.says(tickets.TicketAnswered, 13, by=AGENT, text="请打 13912345678")
    assert topics.verdicts()[4] is False


def test_event_published_twice_is_found_out() -> None:
    """The same event on the topic twice is counted, and changes nothing else."""
    topics = a_good_day()
    once = topics.folded()
    topics.seen.append(topics.seen[6])
    twice = topics.folded()
    assert (once.repeated, twice.repeated) == (0, 1)
    assert len(once.tickets["T-1"].story) == len(twice.tickets["T-1"].story)


def test_handset_reached_twice_is_found_out() -> None:
    """A notice the carrier delivered twice makes the day a bad one; other people's notices do not."""
    topics = a_good_day()
    assert topics.verdicts(handsets={"n-T-1": 2})[-1] is False
    assert topics.verdicts(handsets={"n-T-1": 1, "theirs": 5})[-1] is True


def test_latency_begins_with_the_first_copy() -> None:
    """A step is measured from when the contact first lay on Kafka; repeats are no new beginning."""
    found = {row.step: row for row in figures.latencies(a_good_day().folded())}
    assert [round(found[step].p50, 3) for step in figures.STEPS] == [0.2, 0.3, 1, 12, 20]


def test_percentiles_are_values_there_were() -> None:
    """The nearest-rank percentile is one of the values: the 99th of ten is the largest."""
    seconds = [float(number) for number in range(1, 11)]
    assert [figures.share_of(seconds, share) for share in (0.5, 0.9, 0.99, 1.0)] == [5, 9, 10, 10]
    assert figures.share_of([7.0], 0.5) == 7


def test_figures_of_one_ticket() -> None:
    """Who solved it, which promise broke, who took charge, what was sent: each once, from the events."""
    ledger = a_good_day().folded()
    [solver] = [row for row in figures.solvers(ledger) if row.solved]
    assert (solver.name, solver.offered, solver.taken, solver.answers, solver.typical_answer) == ("A01", 1, 1, 1, 10)
    [promise] = figures.promises(ledger)
    assert (promise.tier, promise.made, promise.kept, promise.late, promise.broken) == ("gold", 1, 0, 1, 0)
    [rung] = figures.escalations(ledger)
    assert (rung.level, rung.cause, rung.count, rung.acknowledged) == (1, "breach", 1, 1)
    channels, [(outcome, reason, counts)] = figures.notices(ledger)
    assert (channels, outcome, reason, counts["push"]) == (["push"], "delivered", "", 1)
    [of_type] = figures.by_type(ledger)
    assert (of_type.problem_type, of_type.by_channel["chat"], of_type.total, of_type.over) == ("refund", 1, 1, 1)


def test_story_is_in_order_and_masked() -> None:
    """The story has every event and the notice in order, in the time of the day, and no phone number in full."""
    ledger = a_good_day().folded()
    lines = story(ledger.tickets["T-1"], ledger, DayClock(NOW.timestamp(), minute=0.1), {})
    assert [line.at for line in lines] == sorted(line.at for line in lines)
    assert sum(line.verb == "notice" for line in lines) == 1
    assert len(lines) == len(ledger.tickets["T-1"].story) + 1
    [answer] = [line for line in lines if line.verb == "answered"]
    assert "139****5678" in answer.text


def test_time_of_the_day() -> None:
    """The played day begins at ten, and its minutes are as long as the pace says."""
    clock = DayClock(1000.0, minute=0.5)
    assert [clock.shown(at) for at in (1000.0, 1030.0, 1062.5)] == ["10:00", "11:00", "12:05"]
    assert [clock.lasted(seconds) for seconds in (5, 30, 35)] == ["10 min", "1 h 00", "1 h 10"]


def test_real_times_stay_as_they_are() -> None:
    """Where nothing is played faster, a duration is told in real seconds, minutes and hours."""
    clock = WallClock()
    assert [clock.lasted(seconds) for seconds in (8.24, 725, 3900)] == ["8.2 s", "12 min", "1 h 05"]


def test_large_teams_are_added_up() -> None:
    """Agents of one team become one row whose figures are the sum of theirs; whoever is no agent stays."""
    rows = figures.solvers(a_good_day().folded())
    agents = {one.id: one for one in cast().agents}
    [team] = figures.by_team(rows, agents)
    assert (team.name, team.kind, team.offered, team.solved) == ("all 1", "frontline", 1, 1)
    bot = figures.SolverRow("faq", "bot", solved=2)
    assert figures.by_team([*rows, bot], agents)[-1] is bot
