"""Clients that choose partitions otherwise than Java's: librdkafka's own default is CRC-32, others take any."""

import asyncio
import json
import zlib

from tests.e2e.outside import ACTION, ACTION_TYPE, CONTACT, CONTACT_TYPE, Json, Outside

PARTITIONS = 12


def by_crc(key: str) -> int:
    """librdkafka's default, `consistent_random`, for a key that is not empty."""
    return zlib.crc32(key.encode()) % PARTITIONS


async def send(outside: Outside, topic: str, key: str, value: Json, partition: int, type_: tuple[str, bytes]) -> None:
    """Publishes where a client of another kind would."""
    data = json.dumps(value, ensure_ascii=False).encode()
    await outside.producer.send_and_wait(topic, data, key.encode(), partition=partition, headers=[type_])


async def test_one_sender_by_clients_of_two_kinds(outside: Outside) -> None:
    """What one sender says in turn by two partitioners is one ticket, and its order is that of its own log."""
    sender = {"kind": "wechat_openid", "value": outside.name("o")}
    key = f"chat:{sender['value']}"
    places = [by_crc(key), *(place for place in range(PARTITIONS) if place != by_crc(key))]
    contacts = [outside.contact(sender=sender) for _ in range(8)]
    await asyncio.gather(
        *(
            send(outside, CONTACT, key, contact, places[number % 2], CONTACT_TYPE)
            for number, contact in enumerate(contacts)
        )
    )
    names = {contact["contact_id"] for contact in contacts}
    opened = await outside.hear("opened", lambda value: value["contact_id"] in names)
    ticket_id = opened.value["ticket_id"]
    await outside.of(ticket_id, "amended", count=7)
    about = [one for one in outside.heard if one.value.get("contact_id") in names and one.verb in ("opened", "amended")]
    assert {one.value["ticket_id"] for one in about} == {ticket_id}
    assert [one.verb for one in about] == ["opened", *["amended"] * 7]
    assert {one.record.partition for one in about} == {opened.record.partition}


async def test_actions_from_any_partition_are_obeyed(outside: Outside) -> None:
    """An agent's actions by another partitioner, each in another partition, are done in the order of their sending."""
    agent = await outside.agent(outside.name("A"), tiers=["enterprise"])
    phone = await outside.member(outside.name("M"), tier="enterprise", advisor_agent_id=agent)
    await asyncio.sleep(1.5)
    contact = await outside.send_contact(channel="phone", sender={"kind": "phone", "value": phone})
    ticket_id = (await outside.opened(contact))["ticket_id"]
    await outside.of(ticket_id, "assigned")
    asked = {"accept": "accepted", "answer": "answered", "resolve": "resolved"}
    for number, (kind, verb) in enumerate(asked.items()):
        action = {"action_id": outside.name(kind), "ticket_id": ticket_id, "kind": kind, "text": "在查"}
        action["actor"] = {"kind": "agent", "id": agent}
        await send(outside, ACTION, ticket_id, action, (by_crc(ticket_id) + number) % PARTITIONS, ACTION_TYPE)
        await outside.of(ticket_id, verb)
    assert [verb for verb in outside.story(ticket_id) if verb in asked.values()] == list(asked.values())
