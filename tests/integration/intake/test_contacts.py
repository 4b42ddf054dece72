"""Contacts become tickets, once each, and the right ones."""

import json

from shared.contracts import topics
from shared.contracts.ticket_numbers import is_ticket_number
from shared.contracts.tickets import (
    Party,
    TicketAmended,
    TicketClosed,
    TicketOpened,
    TicketQueued,
    TicketResolved,
)
from tests.integration.harness import document, record, ticket_event
from tests.integration.intake.conftest import Intake

PHONE = "+8613900000000"


async def test_a_contact_becomes_a_ticket_of_its_member(intake: Intake) -> None:
    """Member, tier, order and what the words say are on the event, however the telephone number is written."""
    (opened,) = await intake.hear(
        intake.contact("c-1", "订单KM20261122001充值100元一直没到账"),
        intake.member("alice", PHONE, tier="gold"),
        intake.order("KM20261122001", "alice"),
    )
    assert isinstance(opened, TicketOpened)
    assert (opened.member_id, opened.tier, opened.identity) == ("alice", "gold", "handle")
    assert (opened.problem_type, opened.order_no) == ("topup_not_arrived", "KM20261122001")
    assert (opened.channel, opened.contact_id) == ("phone", "c-1")
    assert is_ticket_number(opened.ticket_no)


async def test_a_repeat_changes_nothing(intake: Intake) -> None:
    """Ten times in one batch, and again later, is one ticket."""
    said = await intake.hear(*(intake.contact("c-1") for _ in range(10)))
    assert [type(event) for event in said] == [TicketOpened]
    assert await intake.hear(intake.contact("c-1", "其他内容")) == []
    assert await intake.pool.fetchval("select count(*) from contact") == 1


async def test_the_same_contact_in_two_processes_at_once_is_one_ticket(intake: Intake) -> None:
    """Whoever comes second finds it handled."""
    said = await intake.hear_at_once([[intake.contact("c-1")] for _ in range(6)])
    assert [type(event) for event in said] == [TicketOpened]


async def test_one_matter_over_two_channels_at_once_is_one_ticket(intake: Intake) -> None:
    """A member who calls and chats in the same second, heard by different processes, has one ticket."""
    await intake.hear(intake.member("alice", PHONE), intake.order("KM20261122001", "alice"))
    chat = {
        "channel": "chat",
        "member_id": "alice",
        "authenticated": True,
        "sender": {"kind": "member", "value": "alice"},
    }
    text = "订单KM20261122001充值没到账"
    for round_ in range(5):
        said = await intake.hear_at_once(
            [
                [intake.contact(f"p-{round_}", text.replace("001", f"10{round_}"))],
                [intake.contact(f"w-{round_}", text.replace("001", f"10{round_}"), **chat)],
            ]
        )
        assert sorted(type(event).__name__ for event in said) == ["TicketAmended", "TicketOpened"]
        assert len({event.ticket_id for event in said}) == 1


async def test_many_batches_of_the_same_people_at_once_do_not_fail(intake: Intake) -> None:
    """Locks are taken in one order, whatever order the contacts come in."""
    members = [intake.member(f"m-{number}", f"+861380000{number:04}") for number in range(40)]
    await intake.hear(*members)
    batches = []
    for process in range(6):
        numbers = list(range(40)) if process % 2 else list(range(39, -1, -1))
        sender = [{"kind": "phone", "value": f"1380000{number:04}"} for number in numbers]
        batches.append(
            [intake.contact(f"c-{process}-{number}", sender=one) for number, one in zip(numbers, sender, strict=True)]
        )
    said = await intake.hear_at_once(batches)
    assert sum(isinstance(event, TicketOpened) for event in said) == 40
    assert sum(isinstance(event, TicketAmended) for event in said) == 200


async def test_a_later_contact_of_the_same_batch_amends(intake: Intake) -> None:
    """The missing order number, in the same batch and by reply, joins the ticket just opened."""
    opened, amended, replied = await intake.hear(
        intake.contact("c-1", "充值没到账"),
        intake.contact("c-2", "订单号KM20261122001"),
        intake.contact("c-3", "谢谢", in_reply_to="c-1"),
    )
    assert isinstance(opened, TicketOpened)
    assert isinstance(amended, TicketAmended)
    assert isinstance(replied, TicketAmended)
    assert opened.ticket_id == amended.ticket_id == replied.ticket_id
    assert "order_no" in opened.missing
    assert amended.order_no == replied.order_no == "KM20261122001"
    assert "order_no" not in amended.missing
    rows = await intake.pool.fetch("select rule from contact order by contact_id")
    assert [row["rule"] for row in rows] == ["new", "missing_order", "reply"]


async def test_a_reply_names_a_ticket_by_number_id_or_contact(intake: Intake) -> None:
    """In a later batch each of the three leads to the ticket; a stranger naming them gets their own."""
    (opened,) = await intake.hear(intake.contact("c-1"))
    names = [opened.ticket_no, opened.ticket_id, opened.ticket_id.upper(), "c-1"]
    said = await intake.hear(*(intake.contact(f"r-{name}", "退款", in_reply_to=name) for name in names))
    assert [event.ticket_id for event in said] == [opened.ticket_id] * 4
    other = {"kind": "phone", "value": "13700000000"}
    said = await intake.hear(*(intake.contact(f"s-{name}", "退款", in_reply_to=name, sender=other) for name in names))
    assert opened.ticket_id not in {event.ticket_id for event in said}


async def test_an_unbelieved_claim_gets_a_ticket_of_its_own(intake: Intake) -> None:
    """By e-mail, saying to be Alice and knowing her order shows and joins nothing of hers."""
    (hers,) = await intake.hear(
        intake.contact("c-1", "订单KM20261122001充值没到账"),
        intake.member("alice", PHONE, tier="enterprise"),
        intake.order("KM20261122001", "alice"),
    )
    mail = {"channel": "email", "sender": {"kind": "email", "value": "mallory@example.com"}}
    (claimed,) = await intake.hear(
        intake.contact("m-1", "订单KM20261122001充值没到账", member_id="alice", authenticated=True, **mail)
    )
    assert isinstance(claimed, TicketOpened)
    assert claimed.ticket_id != hers.ticket_id
    assert (claimed.member_id, claimed.tier, claimed.identity) == (None, "standard", "claimed")
    kept = await intake.pool.fetchval("select claimed_member_id from contact where contact_id = 'm-1'")
    assert kept == "alice"


async def test_what_is_over_is_joined_for_a_while(intake: Intake) -> None:
    """The same problem joins a ticket that was resolved or closed a moment ago; a reply, also one closed for days."""
    (first,) = await intake.hear(intake.contact("c-1"))
    about = {"ticket_id": first.ticket_id, "ticket_no": first.ticket_no, "at": first.at}
    resolved = TicketResolved(**about, by=Party(kind="agent", id="a"), how="done")
    (joined,) = await intake.hear(intake.contact("c-2"), ticket_event(resolved))
    assert (joined.ticket_id, type(joined)) == (first.ticket_id, TicketAmended)
    (again,) = await intake.hear(ticket_event(TicketClosed(**about)), intake.contact("c-3"))
    assert (again.ticket_id, type(again)) == (first.ticket_id, TicketAmended)
    await intake.pool.execute("update ticket set closed_at = closed_at - interval '13 days', ended_at = null")
    await intake.pool.execute("update ticket set last_contact_at = last_contact_at - interval '13 days'")
    second, reply = await intake.hear(intake.contact("c-4"), intake.contact("c-5", in_reply_to="c-1"))
    assert isinstance(second, TicketOpened)
    assert (reply.ticket_id, type(reply)) == (first.ticket_id, TicketAmended)


async def test_only_what_concerns_intake_touches_its_rows(intake: Intake) -> None:
    """A new tier is kept; events about strangers' tickets, and its own, are no matter."""
    (first,) = await intake.hear(intake.contact("c-1"))
    about = {"ticket_id": first.ticket_id, "ticket_no": first.ticket_no, "at": first.at}
    before = await intake.pool.fetchval("select xmin from ticket")
    queued = {"queue": "order", "reason": "new"}
    nobodys = {**about, "ticket_id": "0190b5a0-0000-7000-8000-000000000000"}
    assert (
        await intake.hear(
            ticket_event(TicketQueued(**about, **queued)),
            ticket_event(TicketClosed(**nobodys)),
            ticket_event(first),
        )
        == []
    )
    assert await intake.pool.fetchval("select xmin from ticket") == before
    await intake.hear(ticket_event(TicketQueued(**about, tier="gold", **queued)))
    assert await intake.pool.fetchval("select tier from ticket") == "gold"


async def test_an_id_that_is_none_is_a_dead_letter(intake: Intake) -> None:
    """An event of another service whose ticket_id is no UUID is refused with its reason, as everywhere."""
    (first,) = await intake.hear(intake.contact("c-1"))
    await intake.tell(TicketClosed(ticket_id="not-a-uuid", ticket_no="T-1", at=first.at))
    assert [code for code, _ in intake.refusals()] == ["bad_ticket_id"]


async def test_what_was_said_is_sealed(intake: Intake) -> None:
    """Number and words are nowhere in the database in clear, and can be read again with the key."""
    await intake.hear(intake.member("alice", PHONE), intake.contact("c-1", "我的电话13900000000,充值没到账"))
    for table in ("member", "handle", "ticket", "contact"):
        rows = await intake.pool.fetch(f"select {table}::text as row from {table}")
        stored = "\n".join(row["row"] for row in rows).encode()
        for secret in ("13900000000", "我的电话"):
            assert secret.encode() not in stored
            assert secret.encode().hex().encode() not in stored
    (row,) = await intake.pool.fetch("select sender_sealed, content_sealed from contact")
    assert json.loads(intake.sealer.open(row["sender_sealed"], context="contact/phone/c-1"))["value"] == "13900000000"
    assert "我的电话" in json.loads(intake.sealer.open(row["content_sealed"], context="contact/phone/c-1"))["text"]


async def test_reference_data_is_the_latest_version_until_deleted(intake: Intake) -> None:
    """Older versions change nothing, lost handles identify no more, a tombstone deletes and a later version is new."""

    async def identity(number: int) -> str:
        other = {"kind": "phone", "value": PHONE}
        await intake.hear(intake.contact(f"c-{number}", sender=other))
        found: str = await intake.pool.fetchval("select identity from contact where contact_id = $1", f"c-{number}")
        return found

    await intake.hear(intake.member("alice", PHONE, version=2), intake.member("alice", version=1))
    assert await identity(1) == "handle"
    await intake.hear(intake.member("alice", version=1))
    assert await identity(2) == "handle"
    await intake.hear(intake.member("alice", "+8613700000000", version=3))
    assert await identity(3) == "none"
    await intake.hear(intake.member("alice", PHONE, version=4))
    await intake.hear(record(topics.MEMBER, "alice", None))
    assert await identity(4) == "none"
    assert await intake.pool.fetchval("select count(*) from handle") == 0
    await intake.hear(
        intake.member("alice", version=9),
        record(topics.MEMBER, "alice", None),
        intake.member("alice", PHONE, version=1),
        intake.order("K1", "alice", version=5),
        intake.order("K1", "bob", version=4),
    )
    assert await identity(5) == "handle"
    assert await intake.pool.fetchval("select member_id from platform_order") == "alice"
    await intake.hear(record(topics.ORDER, "K1", None))
    assert await intake.pool.fetchval("select count(*) from platform_order") == 0


async def test_an_unverified_handle_identifies_nobody(intake: Intake) -> None:
    """An address the platform has not verified could be anybody's."""
    handles = [{"kind": "phone", "value": PHONE, "verified": False}]
    member = document(topics.MEMBER, "alice", {"member_id": "alice", "handles": handles})
    (opened,) = await intake.hear(member, intake.contact("c-1"))
    assert isinstance(opened, TicketOpened)
    assert opened.identity == "none"


async def test_a_stranger_who_is_verified_later_keeps_the_ticket(intake: Intake) -> None:
    """The ticket becomes the member's, with their tier, when they write again."""
    (opened,) = await intake.hear(intake.contact("c-1"))
    (amended,) = await intake.hear(intake.member("alice", PHONE, tier="gold"), intake.contact("c-2"))
    assert opened.member_id is None
    assert (amended.ticket_id, amended.member_id, amended.tier) == (opened.ticket_id, "alice", "gold")
    assert await intake.pool.fetchval("select member_id from ticket") == "alice"


async def test_a_large_batch_is_one_round_of_statements(intake: Intake) -> None:
    """Five hundred contacts of as many people, very short and very long ones, become five hundred tickets in order."""
    texts = ["嗡", "充值没到账" * 2000, "订单KM20261122%03d卡密无效"]
    contacts = []
    for number in range(500):
        text = texts[number % 3].replace("%03d", f"{number:03}")
        sender = {"kind": "email", "value": f"m{number}@example.com"}
        contacts.append(intake.contact(f"c-{number}", text, channel="email", sender=sender))
    said = await intake.hear(*contacts)
    assert [event.contact_id for event in said if isinstance(event, TicketOpened)] == [f"c-{n}" for n in range(500)]
    assert len({event.ticket_no for event in said}) == 500
