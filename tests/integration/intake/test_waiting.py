"""Greetings and pictures wait for the matter, in rows."""

import asyncio
from typing import Any

from shared.contracts.tickets import Party, TicketAmended, TicketCorrected, TicketOpened, TicketResolved
from tests.integration.harness import ticket_event
from tests.integration.intake.conftest import Intake


def said(events: list[Any]) -> list[tuple[type, str]]:
    return [(type(event), event.contact_id) for event in events]


async def test_the_matter_takes_along_what_came_before_it(intake: Intake) -> None:
    """A greeting and a picture say nothing to anybody until the matter is told; then all three are one ticket."""
    assert await intake.hear(intake.contact("c-1", "你好,在吗")) == []
    assert await intake.hear(intake.contact("c-2", "[图片]")) == []
    events = await intake.hear(intake.contact("c-3"))
    assert said(events) == [(TicketOpened, "c-3"), (TicketAmended, "c-1"), (TicketAmended, "c-2")]
    assert len({event.ticket_id for event in events}) == 1
    rows = await intake.pool.fetch("select contact_id, ticket_id, rule from contact order by contact_id")
    assert [(row["contact_id"], row["rule"]) for row in rows] == [
        ("c-1", "prelude"),
        ("c-2", "prelude"),
        ("c-3", "new"),
    ]
    assert {str(row["ticket_id"]) for row in rows} == {events[0].ticket_id}
    assert await intake.pool.fetchval("select count(*) from waiting_contact") == 0


async def test_in_one_batch_too(intake: Intake) -> None:
    """What waits for a matter of the same batch never has a row of its own."""
    events = await intake.hear(intake.contact("c-1", "在吗"), intake.contact("c-2"), intake.contact("c-1", "在吗"))
    assert said(events) == [(TicketOpened, "c-2"), (TicketAmended, "c-1")]


async def test_a_greeting_waits_for_its_own_member_on_whatever_channel(intake: Intake) -> None:
    """Another person's matter takes nothing along; the same member's, by another address, does."""
    other = {"kind": "phone", "value": "13911111111"}
    await intake.hear(intake.member("alice", "13900000000", "13922222222"), intake.contact("c-1", "你好"))
    assert said(await intake.hear(intake.contact("c-2", sender=other))) == [(TicketOpened, "c-2")]
    mobile = {"kind": "phone", "value": "13922222222"}
    events = await intake.hear(intake.contact("c-3", sender=mobile))
    assert said(events) == [(TicketOpened, "c-3"), (TicketAmended, "c-1")]


async def test_who_says_no_more_gets_a_ticket(intake: Intake) -> None:
    """When the wait is over one ticket is opened for all that was said, by whichever process is first."""
    await intake.hear(intake.contact("c-1", "你好"), intake.contact("c-2", "在吗"))
    assert await intake.hear_out() == []
    await intake.pool.execute("update waiting_contact set due_at = now()")
    events = [event for events in await asyncio.gather(*(intake.hear_out() for _ in range(4))) for event in events]
    assert said(events) == [(TicketOpened, "c-1"), (TicketAmended, "c-2")]
    assert said(await intake.hear(intake.contact("c-3", "谢谢"))) == [(TicketAmended, "c-3")]


async def test_a_matter_that_comes_while_the_wait_ends_costs_nobody_their_word(intake: Intake) -> None:
    """The greeting that is just being heard out and the matter of that moment are each told once, whoever is first."""
    for turn in range(12):
        sender = {"kind": "phone", "value": f"1390000{turn:04d}"}
        await intake.hear(intake.contact(f"g-{turn}", "在吗", sender=sender))
        await intake.pool.execute("update waiting_contact set due_at = now()")
        told = await asyncio.gather(intake.hear_out(), intake.hear(intake.contact(f"m-{turn}", sender=sender)))
        late = await intake.hear_out()
        events: list[Any] = [event for events in (*told, late) for event in events]
        assert sorted(event.contact_id for event in events) == [f"g-{turn}", f"m-{turn}"]
        assert await intake.pool.fetchval("select count(*) from contact where ticket_id is null") == 0


async def test_thanks_wait_with_nobody_and_reopen_nothing(intake: Intake) -> None:
    """A courtesy on an open ticket is told as one."""
    (opened,) = await intake.hear(intake.contact("c-1"))
    (thanks,) = await intake.hear(intake.contact("c-2", "好的,谢谢"))
    assert isinstance(thanks, TicketAmended)
    assert (thanks.ticket_id, thanks.remark) == (opened.ticket_id, "courtesy")


async def test_who_sends_nothing_but_greetings_does_not_wait_for_ever(intake: Intake) -> None:
    """A flood of greetings becomes a ticket, at a bounded cost."""
    events = await intake.hear(*(intake.contact(f"c-{number}", "在吗") for number in range(30)))
    assert len(events) == 30
    assert len({event.ticket_id for event in events}) == 1


async def test_a_greeting_nobody_can_open_any_more_holds_up_nobody(intake: Intake) -> None:
    """A row sealed with a key that is gone is passed over, and tried again a minute later."""
    await intake.hear(intake.contact("c-1", "在吗"))
    await intake.pool.execute("update contact set content_sealed = '\\x00'")
    assert said(await intake.hear(intake.contact("c-2"))) == [(TicketOpened, "c-2")]
    assert await intake.pool.fetchval("select count(*) from waiting_contact where due_at > now()") == 1


async def lone_greeting(intake: Intake, contact_id: str = "c-1", **fields: Any) -> Any:
    """A greeting that nothing followed, and became a ticket."""
    assert await intake.hear(intake.contact(contact_id, "在吗", **fields)) == []
    await intake.pool.execute("update waiting_contact set due_at = now()")
    (opened,) = await intake.hear_out()
    assert isinstance(opened, TicketOpened)
    assert opened.problem_type == "other"
    return opened


async def test_a_matter_that_took_longer_joins_the_greeting(intake: Intake) -> None:
    """The ticket is about it from then on; what else its member wants is a ticket of its own."""
    greeted = await lone_greeting(intake)
    (told,) = await intake.hear(intake.contact("c-2", "订单KM20261122001充了Q币没到账,急"))
    assert isinstance(told, TicketAmended)
    assert (told.ticket_id, told.problem_type, told.outcome) == (greeted.ticket_id, "topup_not_arrived", "act")
    assert (told.order_no, told.urgency, told.remark) == ("KM20261122001", "high", "matter")
    assert said(await intake.hear(intake.contact("c-3", "Q币还没到"))) == [(TicketAmended, "c-3")]
    assert said(await intake.hear(intake.contact("c-4", "激活码提示已被使用"))) == [(TicketOpened, "c-4")]


async def test_a_matter_of_the_same_member_on_another_channel_joins_the_greeting(intake: Intake) -> None:
    """By the address of a member, and not by that of a stranger."""
    await intake.hear(intake.member("alice", "13900000000", "13922222222"))
    greeted = await lone_greeting(intake)
    stranger, mobile = ({"kind": "phone", "value": value} for value in ("13911111111", "13922222222"))
    assert said(await intake.hear(intake.contact("c-2", sender=stranger))) == [(TicketOpened, "c-2")]
    (told,) = await intake.hear(intake.contact("c-3", sender=mobile))
    assert isinstance(told, TicketAmended)
    assert (told.ticket_id, told.problem_type) == (greeted.ticket_id, "topup_not_arrived")


async def test_of_two_matters_at_once_one_joins_the_greeting(intake: Intake) -> None:
    """Whichever process is first: the other is a ticket of its own, and its type nobody's but its own."""
    for turn in range(8):
        sender = {"kind": "phone", "value": f"1390000{turn:04d}"}
        greeted = await lone_greeting(intake, f"g-{turn}", sender=sender)
        events: list[Any] = await intake.hear_at_once(
            [
                [intake.contact(f"t-{turn}", "充了Q币没到账", sender=sender)],
                [intake.contact(f"k-{turn}", "激活码提示已被使用", sender=sender)],
            ]
        )
        joined, opened = sorted(events, key=lambda event: type(event).__name__)
        assert (type(joined), type(opened)) == (TicketAmended, TicketOpened)
        assert joined.ticket_id == greeted.ticket_id != opened.ticket_id
        assert {joined.problem_type, opened.problem_type} == {"topup_not_arrived", "cardkey_invalid"}


async def test_a_greeting_that_was_dealt_with_takes_no_matter(intake: Intake) -> None:
    """Solved by an agent it is over; a type the agent gave is the type it keeps."""
    greeted = await lone_greeting(intake)
    about = {**greeted.model_dump(include={"ticket_id", "ticket_no", "member_id", "tier"}), "at": greeted.at}
    await intake.hear(ticket_event(TicketCorrected(**about, problem_type="refund", was="other", actor_id="a1")))
    (opened,) = await intake.hear(intake.contact("c-2", "充了Q币没到账"))
    assert isinstance(opened, TicketOpened)
    other = await lone_greeting(intake, "c-3", sender={"kind": "phone", "value": "13922222222"})
    by = Party(kind="agent", id="a1")
    about |= {"ticket_id": other.ticket_id, "ticket_no": other.ticket_no}
    await intake.hear(ticket_event(TicketResolved(**about, by=by, how="no_answer")))
    later = intake.contact("c-4", "充了Q币没到账", sender={"kind": "phone", "value": "13922222222"})
    assert said(await intake.hear(later)) == [(TicketOpened, "c-4")]
