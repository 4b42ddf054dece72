"""Notices from plan to handset, over a real database and real sockets."""

import asyncio
import uuid
from datetime import timedelta

import pytest

from cli.resealing.walking import reseal_service
from services.notify.gateways.sandbox import SandboxCarrier
from services.notify.gateways.sender import Accepted, Message, Rejected
from shared.contracts import tickets, topics
from shared.security.sealing import Sealer
from tests.integration.harness import record, ticket_event
from tests.integration.notify.conftest import CARRIER_SECRET, Notify, about
from tests.integration.rotation import reseal_with

PHONE = "+861390000"


async def test_a_ticket_is_announced_once_with_the_official_hotline(notify: Notify) -> None:
    """A ticket of a known member is announced by SMS, once, and names the official hotline."""
    await notify.member(phone=PHONE + "9900")
    ticket = await notify.open()
    await notify.settle(notify.dispatcher(), ticket, "planned", "accepted", "delivered")
    assert (await notify.handset())["duplicates"] == 0
    _, accepted = notify.notices(ticket)[1]
    assert (accepted.channel, accepted.template, accepted.contact_entries) == ("sms", "opened", ("hotline",))
    assert accepted.provider == "sandbox"


async def test_a_member_with_the_app_gets_a_push(notify: Notify) -> None:
    """A member with the app gets a push, which names everything their tier may use."""
    await notify.member(phone=PHONE + "9900", push="device-1", tier="gold")
    ticket = await notify.open()
    await notify.settle(notify.dispatcher(), ticket, "planned", "accepted", "delivered")
    _, accepted = notify.notices(ticket)[1]
    assert accepted.channel == "push"
    assert {"hotline", "gold_line", "gold_qq"} <= set(accepted.contact_entries)
    assert "enterprise_line" not in accepted.contact_entries


@pytest.mark.parametrize(
    ("ending", "states", "copies"),
    [
        ("9901", ["planned", "rejected"], 0),
        ("9902", ["planned", "accepted", "undelivered"], 0),
        ("9907", ["planned", "accepted", "delivered"], 1),
        ("9908", ["planned", "accepted", "delivered"], 1),
        ("9911", ["planned", "accepted", "delivered"], 1),
    ],
    ids=["rejected", "undelivered", "receipt twice", "receipt never", "throttled"],
)
async def test_whatever_the_carrier_does_the_state_is_true(
    notify: Notify, ending: str, states: list[str], copies: int
) -> None:
    """Whatever an answering carrier does, the notice ends in the state that is true, with at most one message."""
    await notify.member(phone=PHONE + ending)
    ticket = await notify.open()
    await notify.settle(notify.dispatcher(), ticket, *states)
    await asyncio.sleep(0.4)
    assert notify.states(ticket) == states
    assert (await notify.handset())["total"] == copies


@pytest.mark.parametrize("ending", ["9903", "9906", "9909", "9910"])
async def test_a_lost_answer_is_found_and_never_sent_twice(notify: Notify, ending: str) -> None:
    """A notice that was sent although no answer came is found again, never sent twice."""
    await notify.member(phone=PHONE + ending)
    ticket = await notify.open()
    dispatcher = notify.dispatcher()
    await notify.work(dispatcher, lambda: notify.states(ticket)[-1] == "delivered")
    await asyncio.sleep(1.5)
    while await dispatcher.step(notify.transactions):
        pass
    assert notify.states(ticket).count("delivered") == 1
    assert await notify.handset() == {
        "total": 1,
        "distinct": 1,
        "duplicates": 0,
        "counts": {str((await notify.row(ticket))["notice_id"]): 1},
    }


async def test_what_never_arrived_is_sent_once_more(notify: Notify) -> None:
    """A notice the carrier certainly never had is sent once more, and given up when that one is lost too."""
    await notify.member(phone=PHONE + "9904")
    ticket = await notify.open()
    await notify.settle(notify.dispatcher(), ticket, "planned", "in_doubt", "in_doubt", "expired")
    assert (await notify.row(ticket))["attempt"] == 2
    assert notify.reasons(ticket)[-1] == "not_found"
    assert (await notify.handset())["total"] == 0


async def test_not_worth_sending_again(notify: Notify) -> None:
    """Of an escalation the carrier never had there is no second message: by then it is old news."""
    await notify.member(phone=PHONE + "9905")
    ticket = await notify.open()
    dispatcher = notify.dispatcher()
    await notify.tell(about(ticket, tickets.TicketEscalated, level=1, team="supervisor", cause="breach"))
    await notify.settle(dispatcher, ticket, "planned", "suppressed", "planned", "in_doubt", "expired")


async def test_newer_news_replace_what_is_not_sent_yet(notify: Notify) -> None:
    """News not yet sent give way to newer news of the same ticket."""
    await notify.member(phone=PHONE + "9900")
    ticket = await notify.open()
    await notify.tell(about(ticket, tickets.TicketAnswered, by={"kind": "agent", "id": "a-1"}))
    await notify.settle(notify.dispatcher(), ticket, "planned", "suppressed", "planned", "accepted", "delivered")
    assert notify.reasons(ticket)[1] == "superseded"
    assert (await notify.handset())["total"] == 1


@pytest.mark.parametrize(
    ("member", "identity", "reason"),
    [
        (None, "none", "no_member"),
        ("m-1", "claimed", "identity_not_proven"),
        ("m-1", "a word of the future", "identity_not_proven"),
    ],
)
async def test_nobody_hears_of_a_ticket_that_may_be_anothers(
    notify: Notify, member: str | None, identity: str, reason: str
) -> None:
    """Nobody hears of a ticket that is not certainly theirs."""
    await notify.member(phone=PHONE + "9900")
    ticket = await notify.open(member, identity=identity)
    assert (notify.states(ticket), notify.reasons(ticket)) == (["suppressed"], [reason])


async def test_an_unverified_phone_gets_nothing(notify: Notify) -> None:
    """A phone nobody has verified gets nothing."""
    await notify.member(handles=({"kind": "phone", "value": PHONE + "9900", "verified": False},))
    ticket = await notify.open()
    assert (notify.states(ticket), notify.reasons(ticket)) == (["suppressed"], ["no_verified_address"])


async def test_a_ticket_waits_a_little_for_its_member(notify: Notify) -> None:
    """A ticket read before its member waits for the member's data a little."""
    ticket = await notify.open()
    assert notify.states(ticket) == []
    await notify.member(phone=PHONE + "9900")
    await notify.settle(notify.dispatcher(), ticket, "planned", "accepted", "delivered")


async def test_nothing_is_left_of_a_deleted_member(notify: Notify) -> None:
    """A member the platform deleted is not written to any more, and nothing of their addresses is left."""
    await notify.member(phone=PHONE + "9900")
    ticket = await notify.open()
    await notify.hear(record(topics.MEMBER, "m-1", None))
    await notify.settle(notify.dispatcher(), ticket, "planned", "suppressed")
    assert await notify.transactions.pool.fetchval("select count(*) from member") == 0


async def test_an_older_version_brings_no_old_number_back(notify: Notify) -> None:
    """An older version of a member never brings an old number back."""
    await notify.member(phone=PHONE + "9901", version=2)
    await notify.member(phone=PHONE + "9900", version=1)
    ticket = await notify.open()
    await notify.settle(notify.dispatcher(), ticket, "planned", "rejected")


async def test_the_same_event_twice_is_one_notice(notify: Notify) -> None:
    """The same event twice is one notice."""
    await notify.member(phone=PHONE + "9900")
    ticket = await notify.open()
    answered = about(ticket, tickets.TicketAnswered, by={"kind": "agent", "id": "a-1"})
    for _ in range(2):
        await notify.hear(ticket_event(answered, "the-same-id"))
    assert notify.states(ticket) == ["planned", "suppressed", "planned"]


async def test_a_member_gets_so_many_messages_an_hour(notify: Notify) -> None:
    """A member gets only so many messages an hour, whatever happens."""
    await notify.member(phone=PHONE + "9900")
    mine = [await notify.open() for _ in range(7)]
    dispatcher = notify.dispatcher()
    await notify.work(dispatcher, lambda: all(notify.states(one)[-1] in ("delivered", "suppressed") for one in mine))
    last = [notify.states(one)[-1] for one in mine]
    assert (last.count("delivered"), last.count("suppressed")) == (5, 2)
    assert (await notify.handset())["total"] == 5


async def test_two_workers_send_each_notice_once(notify: Notify) -> None:
    """Two workers at once send each notice once."""
    tickets_of = []
    for number in range(40):
        await notify.member(f"m-{number}", phone=f"+86138001{number:05d}")
        tickets_of.append(await notify.open(f"m-{number}"))
    one, two = notify.dispatcher(), notify.dispatcher()
    for _ in range(20):
        await asyncio.gather(one.step(notify.transactions), two.step(notify.transactions))
    await notify.work(one, lambda: all(notify.states(ticket)[-1] == "delivered" for ticket in tickets_of))
    handset = await notify.handset()
    assert (handset["total"], handset["duplicates"]) == (40, 0)


@pytest.mark.parametrize("handed_over", [True, False])
async def test_a_death_around_a_call_loses_and_doubles_nothing(notify: Notify, handed_over: bool) -> None:
    """A process that dies around its call leaves a notice in doubt; another finds out, and it arrives exactly once."""
    await notify.member(phone=PHONE + "9900")
    ticket = await notify.open()
    claimed = await notify.claim(10)
    assert (await notify.row(ticket))["state"] == "submitting"
    if handed_over:
        job = claimed.jobs[0]
        assert job.message is not None
        sender = SandboxCarrier(notify.carrier_url, CARRIER_SECRET)
        notify.senders.append(sender)
        assert isinstance(await sender.send(job.message, at=job.claimed_at, deadline=1), Accepted)
    await notify.transactions.pool.execute("update intent set due_at = now() where ticket_id = $1", ticket)
    await notify.work(notify.dispatcher(), lambda: "delivered" in notify.states(ticket))
    handset = await notify.handset()
    assert (handset["total"], handset["duplicates"]) == (1, 0)


async def test_dated_by_the_database(notify: Notify) -> None:
    """A call is dated by the claim it follows from, whatever the host's clock says; an old one is never carried out."""
    sender = SandboxCarrier(notify.carrier_url, CARRIER_SECRET)
    notify.senders.append(sender)
    message = Message(uuid.uuid4(), "sms", PHONE + "9900", "text", signature="客服")
    at = await notify.transactions.pool.fetchval("select now()")
    assert await sender.send(message, at=at - timedelta(minutes=2), deadline=1) == Rejected("timestamp_not_fresh")
    assert isinstance(await sender.send(message, at=at, deadline=1), Accepted)


async def test_a_service_that_stops_hears_its_answers_first(notify: Notify) -> None:
    """A service that stops in the middle of its calls hears their answers first, and leaves nothing in doubt."""
    await notify.member(phone=PHONE + "9909")
    ticket = await notify.open()
    dispatcher = notify.dispatcher(call_seconds=5)
    step = asyncio.create_task(dispatcher.step(notify.transactions))
    await asyncio.sleep(0)
    step.cancel()
    await asyncio.gather(step, return_exceptions=True)
    await dispatcher.drain()
    assert "in_doubt" not in notify.states(ticket)
    assert (await notify.row(ticket))["state"] in ("accepted", "delivered")


async def test_a_key_is_rotated(notify: Notify, servers: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A notice whose member's addresses no key opens waits for the key; sealed anew, it needs the older one no more."""
    await notify.member(phone=PHONE + "9900")
    ticket, new = await notify.open(), b"n" * 32
    notify.sealer = Sealer([new], service="notify")
    dispatcher = notify.dispatcher()
    await notify.work(dispatcher, lambda: bool(notify.states(ticket)))
    for _ in range(5):
        await dispatcher.step(notify.transactions)
    assert notify.states(ticket) == ["planned"]
    await reseal_with(monkeypatch, servers, notify.transactions.pool, new, b"k" * 32)
    assert [(one.renewed, one.left, one.why) for one in await reseal_service("notify")] == [(1, 0, "")]
    await notify.transactions.pool.execute("update intent set due_at = now() where due_at is not null")
    await notify.settle(dispatcher, ticket, "planned", "accepted", "delivered")
