"""A simulated day before it begins: the same for the same seed, and each matter one ticket by intake's own rules."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from cli.simulation.matters import Letter, Matter
from cli.simulation.people import TROUBLED
from cli.simulation.scenario import Scenario, busy, evenly, scenario
from cli.simulation.texts import cast, texts
from cli.simulation.treatment import Mischief
from services.intake.domain.amend_ticket import amend_ticket
from services.intake.domain.identity import recognise
from services.intake.domain.open_ticket import open_ticket
from services.intake.domain.open_tickets import OpenTickets
from services.intake.domain.orders import Order, main_order
from services.intake.domain.threading import Named, Windows, thread
from services.intake.domain.understood_contact import UnderstoodContact
from services.intake.rules.channels import load_channels
from services.intake.understanding.extract.orders import order_key
from services.intake.understanding.problem_types import ProblemTypes
from services.intake.understanding.understand import understand
from shared.contracts.vocabulary import ProblemType, Team, Tier
from tests.shipped import CONFIG, problem_types

NOW = datetime(2026, 10, 16, 2, 0, tzinfo=UTC)
DEMO_SEED = 20261015


def a_day(seed: int = DEMO_SEED, run: str = "", contacts: int = 340) -> Scenario:
    return scenario(run=run, seed=seed, contacts=contacts, now=NOW, profile=busy)


@pytest.fixture(scope="module")
def day() -> Scenario:
    return a_day()


@pytest.fixture(scope="module")
def rules() -> ProblemTypes:
    return problem_types()


def test_same_seed_same_day(day: Scenario) -> None:
    """The same seed gives the same day, down to every word and every minute."""
    assert a_day() == day


def test_another_seed_another_day(day: Scenario) -> None:
    """Another seed gives other people with other troubles."""
    other = a_day(seed=DEMO_SEED + 1)
    assert [matter.first.text for _, matter in other.matters] != [matter.first.text for _, matter in day.matters]


def test_runs_share_nothing(day: Scenario) -> None:
    """Two runs of one seed share no id, no address and no order, so both can be played on one stack."""

    def names(one: Scenario) -> Iterator[str]:
        yield from one.agents
        for person in one.persons():
            yield from (name for name in (person.member_id, person.phone, person.email, person.openid) if name)
        for _, matter in one.matters:
            yield from (letter.contact_id for letter in matter.letters)
            if matter.order:
                yield matter.order.order_no

    mine, theirs = set(names(day)), set(names(a_day(run="6721b0c4-")))
    assert not mine & theirs


def test_everybody_has_addresses_of_their_own(day: Scenario) -> None:
    """No phone, e-mail or account belongs to two people, however many there are."""
    people = list(a_day(contacts=12_000).persons())
    for name in ("phone", "email", "openid"):
        assert len({getattr(person, name) for person in people}) == len(people)


def test_only_chosen_phones_trouble_the_carrier(day: Scenario) -> None:
    """The carrier treats a phone badly only where that was meant; those phones are verified and have no device."""
    for person in day.persons():
        if person.phone[-4:] in TROUBLED.values():
            assert "phone" in person.verified
            assert not person.can_push
        else:
            assert not person.phone[-4:].startswith("99")


def test_cast_of_a_small_platform(day: Scenario) -> None:
    """There are members of every tier, strangers, unverified phones, all teams, and a frontline for every problem."""
    people = list(day.persons())
    assert {person.tier for person in people if person.member_id} == set(Tier)
    assert any(person.member_id is None for person in people)
    assert any(person.member_id and "phone" not in person.verified for person in people)
    assert {one.team for one in cast().agents} == set(Team)
    frontline = [one for one in cast().agents if one.team is Team.FRONTLINE]
    known = {name for one in frontline for name in (one.skills or set(ProblemType))}
    assert known >= set(ProblemType)


def test_everything_the_day_is_for_is_in_it(day: Scenario) -> None:
    """The demo's own day has a copy sent ten times, follow-ups elsewhere, lateness, appeals, mischief and garbage."""
    matters = [matter for _, matter in day.matters]
    assert max(matter.first.copies for matter in matters) == 10
    assert any(letter.channel is not matter.first.channel for matter in matters for _, letter in matter.further)
    assert {matter.kind for matter in matters} == set(texts().matters)
    assert {matter.person.language for matter in matters} == {"zh", "zh-Hant", "en"}
    assert {matter.treatment.mischief for matter in matters} >= set(Mischief)
    assert any(matter.treatment.climbs == 2 for matter in matters)
    assert len(day.poisons) >= 10
    shares = [share for share, _ in day.matters]
    assert shares == sorted(shares)
    assert shares[0] >= 0
    assert shares[-1] < 1


@pytest.mark.parametrize("seed", [DEMO_SEED, 1, 2, 3])
def test_each_matter_is_one_ticket(seed: int, rules: ProblemTypes) -> None:
    """By intake's own rules every contact of a matter joins its ticket, and no two matters share one."""
    tickets_of: dict[int, set[UUID]] = {}
    for matter, ticket_id in _threaded(a_day(seed), rules):
        tickets_of.setdefault(matter.no, set()).add(ticket_id)
    assert [no for no, ids in tickets_of.items() if len(ids) != 1] == []
    assert len({ticket_id for ids in tickets_of.values() for ticket_id in ids}) == len(tickets_of)


def test_rush_is_between_quiet_hours() -> None:
    """More comes in around noon than evenly, and nothing in the last hours."""
    at = [busy(place / 100) for place in range(101)]
    assert at == sorted(at)
    assert at[65] - at[40] < evenly(0.65) - evenly(0.40)
    assert at[100] < 0.8


def _threaded(day: Scenario, rules: ProblemTypes) -> Iterator[tuple[Matter, UUID]]:
    """Every contact that may be written, in the order it would be, with the ticket intake would put it into."""
    channels = load_channels(CONFIG)
    members = [member for person in day.persons() if (member := person.as_member())]
    handles = {
        (handle.kind, handle.value): member.member_id
        for member in members
        for handle in member.handles
        if handle.verified
    }
    known = [Order(one.order.order_no, one.order.member_id) for _, one in day.matters if one.order]
    orders = {order_key(order.order_no): order for order in known}
    windows = Windows(timedelta(hours=24), timedelta(days=14))
    tickets = OpenTickets()
    for at, matter, letter in sorted(_letters(day), key=lambda one: (one[0], one[2].contact_id)):
        contact = letter.as_contact(at)
        sender = (contact.sender.kind, contact.sender.value)
        recognised = [handles[sender]] if sender in handles else []
        identification = recognise(contact, recognised, channels.rules_of(contact.channel))
        understanding = understand(
            contact.text,
            subject=contact.subject,
            received_at=at,
            steps=(),
            order_no=contact.order_no,
            purchased_at=None,
            rules=rules,
        )
        order_no, order_owner = main_order(understanding.order_nos, orders, identification.member_id)
        understood = UnderstoodContact(
            received=contact,
            at=at,
            sender="/".join(sender).encode(),
            identification=identification,
            tier=None,
            understanding=understanding,
            attachments=(),
            order_no=order_no,
            order_owner=order_owner,
        )
        found = thread(understood, tickets.of_party(understood), Named(), windows, at).ticket
        ticket = amend_ticket(found, understood, rules, at)[0] if found else open_ticket(understood, "T", at)[0]
        tickets.put(ticket)
        yield matter, ticket.ticket_id


def _letters(day: Scenario) -> Iterator[tuple[datetime, Matter, Letter]]:
    for share, matter in day.matters:
        first = NOW + timedelta(hours=8 * share)
        yield first, matter, matter.first
        for minutes, letter in matter.further:
            yield first + timedelta(minutes=minutes), matter, letter
        for hours, later in ((1, matter.reply), (2, matter.thanks)):
            if later:
                yield first + timedelta(hours=hours), matter, later
