"""A contact goes all the way: opened, promised, assigned, and the member is told the official contact."""

import asyncio
import json
import uuid

import pytest

from tests.e2e.outside import CONTACT, CONTACT_TYPE, TICKET, Json, Outside


async def test_opened_promised_assigned_and_a_notice(outside: Outside) -> None:
    """A contact is opened, promised and assigned in this order, and the member is notified."""
    agent = await outside.agent(outside.name("A"), tiers=["enterprise"])
    phone = await outside.member(outside.name("M"), tier="enterprise", advisor_agent_id=agent)
    await asyncio.sleep(1.5)
    contact = await outside.send_contact(channel="phone", sender={"kind": "phone", "value": phone})
    opened = await outside.hear("opened", lambda value: value["contact_id"] == contact["contact_id"])
    ticket_id = opened.value["ticket_id"]
    assigned = await outside.of(ticket_id, "assigned")
    story = outside.story(ticket_id)
    assert story.index("opened") < story.index("promised") < story.index("assigned")
    assert opened.value["member_id"] == outside.name("M")
    assert opened.value["tier"] == "enterprise"
    assert opened.value["identity"] == "handle"
    assert opened.value["order_no"] == "KA20261015180001"
    assert opened.value["problem_type"] == "topup_not_arrived"
    assert assigned.value["agent_id"] == agent
    await outside.notice(ticket_id, "planned")
    delivered = await outside.notice(ticket_id, "delivered")
    assert delivered.value["contact_entries"]
    assert phone not in json.dumps([one.value for one in outside.heard], ensure_ascii=False)


async def test_every_event_is_a_cloudevent_in_binary_mode(outside: Outside) -> None:
    """All that is said carries the attributes of CloudEvents 1.0, the key and the partition of its ticket."""
    contact = await outside.send_contact()
    ticket_id = (await outside.opened(contact))["ticket_id"]
    await outside.of(ticket_id, "promised")
    for one in outside.heard:
        if one.topic == TICKET and one.value["ticket_id"] == ticket_id:
            assert one.headers["ce_specversion"] == b"1.0"
            assert one.headers["content-type"] == b"application/json"
            assert one.headers["ce_source"] in (b"/kefu/intake", b"/kefu/routing", b"/kefu/sla")
            assert one.headers["ce_subject"] == ticket_id.encode() == one.record.key
            assert {"ce_id", "ce_time", "ce_type"} <= one.headers.keys()
            assert {"ticket_id", "ticket_no", "member_id", "tier", "at"} <= one.value.keys()


async def test_the_same_contact_ten_times_is_one_ticket(outside: Outside) -> None:
    """A repeat changes nothing, whether at once or later."""
    contact = outside.contact()
    key = f"chat:{contact['sender']['value']}"
    for _ in range(9):
        await outside.tell(CONTACT, key, contact, [CONTACT_TYPE])
    await outside.opened(contact)
    await outside.tell(CONTACT, key, contact, [CONTACT_TYPE])
    later = await outside.send_contact(sender={"kind": "wechat_openid", "value": outside.name("other")})
    await outside.opened(later)
    await outside.listen(1)
    about = [one.verb for one in outside.heard if one.value.get("contact_id") == contact["contact_id"]]
    assert about == ["opened"]


def _structured(contact: Json) -> tuple[Json, list[tuple[str, bytes]]]:
    event = {
        "specversion": "1.0",
        "id": "e1",
        "source": "/crm",
        "type": "support.contact.received.v1",
        "datacontenttype": "application/json",
        "data": contact,
    }
    return event, [("content-type", b"application/cloudevents+json; charset=utf-8")]


def _plain(contact: Json) -> tuple[Json, list[tuple[str, bytes]]]:
    return contact, [CONTACT_TYPE]


def _binary(contact: Json) -> tuple[Json, list[tuple[str, bytes]]]:
    attributes = {"ce_specversion": b"1.0", "ce_id": b"e1", "ce_source": b"/crm", "content-type": b"application/json"}
    return contact, [*attributes.items(), CONTACT_TYPE]


@pytest.mark.parametrize("mode", [_structured, _plain, _binary])
async def test_every_form_of_a_contact_is_understood(outside: Outside, mode: object) -> None:
    """Structured and binary CloudEvents and plain JSON open a ticket; unknown fields and values stop nothing."""
    contact = outside.contact(channel="carrier_pigeon", mood="angry", call={"call_id": "1", "echo": [1, {"a": None}]})
    value, headers = mode(contact)  # type: ignore[operator]
    await outside.tell(CONTACT, outside.name("key"), value, [*headers, ("x", b"\xff"), ("y", None)])
    opened = await outside.opened(contact)
    assert opened["channel"] == "carrier_pigeon"


async def test_a_further_contact_about_the_same_matter_amends_the_ticket(outside: Outside) -> None:
    """A second contact of the member on another channel about the same order joins the open ticket."""
    name = outside.name("M")
    phone, openid = f"+86137{uuid.uuid4().int % 10**8:08d}", {"kind": "wechat_openid", "value": f"o-{name}"}
    handles = [{"kind": "phone", "value": phone, "verified": True}, {**openid, "verified": True}]
    await outside.member(name, phone=phone, handles=handles)
    await asyncio.sleep(1)
    sender = {"kind": "phone", "value": phone}
    first = await outside.send_contact(channel="phone", sender=sender)
    ticket = await outside.opened(first)
    second = await outside.send_contact(
        channel="social",
        sender=openid,
        text="还是没到账,订单号 KA20261015180001,什么时候能解决?",
        received_at="2026-10-15T19:00:00+08:00",
    )
    amended = await outside.of(ticket["ticket_id"], "amended")
    assert amended.value["contact_id"] == second["contact_id"]
    other = await outside.send_contact(channel="chat", sender=sender, text="会员等级怎么掉了?我上个月还是黄金")
    assert (await outside.opened(other))["ticket_id"] != ticket["ticket_id"]
