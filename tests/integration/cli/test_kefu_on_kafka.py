"""The `kefu` command against a real broker: what it reads, replays and publishes."""

import asyncio
import json
import uuid

from shared.bus.publisher import KafkaPublisher, partition_of
from shared.contracts import tickets, topics
from shared.contracts.services import DEAD_LETTERS, GROUPS
from tests.integration.cli.kefu import HEADERS, POISON, Command, event, letter, of_key, opened_and_assigned


async def test_whoever_sees_a_letter_in_clear_is_noted_beside_it(kefu: Command, publisher: KafkaPublisher) -> None:
    """Each showing in clear stands on the dead-letter topic, with who, when and why; a masked one leaves nothing."""
    key = f"phone:{uuid.uuid4()}".encode()
    await publisher.publish([letter(key)])
    (listed,) = [one for one in kefu.lines("dead-letters", "list") if one["key"] == key.decode()]
    (masked,) = kefu.lines("dead-letters", "show", listed["id"])
    assert masked["shown"] == []
    kefu("dead-letters", "show", listed["id"], "--clear", "--why", "投诉")
    assert kefu("dead-letters", "show", listed["id"], "--raw") == POISON
    (seen,) = kefu.lines("dead-letters", "show", listed["id"])
    assert [one["why"] for one in seen["shown"]] == ["投诉", ""]
    assert all(one["by"] and one["at"] for one in seen["shown"])
    assert listed["id"] in [one["id"] for one in kefu.lines("dead-letters", "list") if one["key"] == key.decode()]
    markers = [one for one in await of_key(kefu.servers, listed["id"].split("/")[0], key) if one.value is None]
    assert len(markers) == 2


async def test_a_replay_is_byte_for_byte_and_is_remembered(kefu: Command, publisher: KafkaPublisher) -> None:
    """A dead letter goes back to its topic and partition as it was, for its group, and the list says so."""
    key = f"phone:{uuid.uuid4()}".encode()
    await publisher.publish([letter(key)])
    (listed,) = [one for one in kefu.lines("dead-letters", "list") if one["key"] == key.decode()]
    assert (listed["reason"], listed["size"], listed["replayed_at"]) == ("not_json", len(POISON), None)
    assert kefu("dead-letters", "show", listed["id"], "--raw") == POISON

    assert kefu("dead-letters", "replay", listed["id"]).decode().strip() == listed["id"]

    (again,) = await of_key(kefu.servers, topics.CONTACT.name, key)
    assert (again.value, again.partition) == (POISON, partition_of(key))
    mark = (("dlq_topic", topics.CONTACT.name.encode()), ("dlq_group", b"intake"), ("kefu_replay_for", b"intake"))
    assert tuple(again.headers) == (*HEADERS, *mark)
    (listed,) = [one for one in kefu.lines("dead-letters", "list") if one["key"] == key.decode()]
    assert listed["replayed_at"]
    kefu("dead-letters", "replay", listed["id"], code=1)
    kefu("dead-letters", "replay", listed["id"], "--again")
    assert len(await of_key(kefu.servers, topics.CONTACT.name, key)) == 2


async def test_a_mended_value_is_replayed_in_its_place(kefu: Command, publisher: KafkaPublisher) -> None:
    """`--value -` puts other bytes under the same key and headers."""
    key = f"phone:{uuid.uuid4()}".encode()
    await publisher.publish([letter(key)])
    (listed,) = [one for one in kefu.lines("dead-letters", "list") if one["key"] == key.decode()]

    kefu("dead-letters", "replay", listed["id"], "--value", "-", given=b'{"mended": true}')

    (again,) = await of_key(kefu.servers, topics.CONTACT.name, key)
    assert again.value == b'{"mended": true}'


async def test_all_are_replayed_only_when_said_so(kefu: Command, publisher: KafkaPublisher) -> None:
    """`--all` without a person or `--yes` does nothing; with it every letter goes once, a null value included."""
    keys = [f"phone:{uuid.uuid4()}".encode() for _ in range(3)]
    chosen = ("--all", "--reason", f"test-{uuid.uuid4()}")
    await publisher.publish([letter(key, None, chosen[-1]) for key in keys])

    kefu("dead-letters", "replay", *chosen, code=1)
    kefu("dead-letters", "replay", *chosen, "--dry-run")
    assert [await of_key(kefu.servers, topics.CONTACT.name, key) for key in keys] == [[], [], []]

    kefu("dead-letters", "replay", *chosen, "--yes")
    kefu("dead-letters", "replay", *chosen, "--yes")

    for key in keys:
        (again,) = await of_key(kefu.servers, topics.CONTACT.name, key)
        assert again.value is None


async def test_a_ticket_is_found_by_number_and_by_id(kefu: Command, publisher: KafkaPublisher) -> None:
    """Both names lead to the same story; a name nobody bears is exit 1."""
    ticket_id, number = str(uuid.uuid4()), f"KF-{uuid.uuid4().hex[:8]}"
    await publisher.publish(opened_and_assigned(ticket_id, number))

    (by_id,), (by_number,) = kefu.lines("ticket", "show", ticket_id), kefu.lines("ticket", "show", number)

    assert by_id == by_number
    assert [entry["verb"] for entry in by_id["story"]] == ["opened", "assigned"]
    assert (by_id["agent_id"], by_id["state"]) == ("A1", "assigned")
    assert number in kefu("ticket", "show", number).decode()
    assert "most_skilled, 3 could have taken it, 280 s" in kefu("ticket", "explain", number).decode()
    assert number in {one["ticket_no"] for one in kefu.lines("ticket", "list", "--open", "--type", "refund")}
    assert kefu.lines("ticket", "list", "--member", "nobody") == []
    kefu("ticket", "show", str(uuid.uuid4()), code=1)


async def test_an_action_is_published_as_by_any_desk(kefu: Command, publisher: KafkaPublisher) -> None:
    """`kefu ticket act` by number: the command lies on the action topic under the ticket's id, and its id is told."""
    ticket_id, number = str(uuid.uuid4()), f"KF-{uuid.uuid4().hex[:8]}"
    await publisher.publish(opened_and_assigned(ticket_id, number))

    action_id = kefu("ticket", "act", number, "answer", "--actor", "agent:A1", "--text", "已补发").decode().strip()

    (record,) = await of_key(kefu.servers, topics.ACTION.name, ticket_id.encode())
    action = json.loads(record.value)
    assert (action["action_id"], action["ticket_id"], action["text"]) == (action_id, ticket_id, "已补发")
    assert action["actor"] == {"kind": "agent", "id": "A1"}


async def test_watching_a_ticket_tells_what_was_and_what_comes(kefu: Command, publisher: KafkaPublisher) -> None:
    """From the first event of the ticket on, each as it happens, and one that was published twice once."""
    ticket_id, number = str(uuid.uuid4()), f"KF-{uuid.uuid4().hex[:8]}"
    await publisher.publish(opened_and_assigned(ticket_id, number))
    watching = await kefu.begin("ticket", "watch", ticket_id, "--json")
    assert watching.stdout is not None
    try:
        async with asyncio.timeout(30):
            assert [json.loads(await watching.stdout.readline())["verb"] for _ in range(2)] == ["opened", "assigned"]
            accepted = event(ticket_id, number, tickets.TicketAccepted, 2, agent_id="A1")
            declined = event(ticket_id, number, tickets.TicketDeclined, 3, agent_id="A1", cause="declined")
            await publisher.publish([accepted])
            await publisher.publish([accepted])  # as its writer does after it died between publishing and noting it
            await publisher.publish([declined])
            assert [json.loads(await watching.stdout.readline())["verb"] for _ in range(2)] == ["accepted", "declined"]
    finally:
        watching.terminate()
        await watching.wait()


async def test_the_topics_are_as_the_contract_has_them(kefu: Command) -> None:
    """On a broker whose topics we created nothing is missing and nothing differs."""
    reports = {report["name"]: report for report in kefu.lines("topics")}
    assert set(reports) == {*(topic.name for topic in topics.ALL), *DEAD_LETTERS}
    assert [report["differences"] for report in reports.values() if report["differences"]] == []
    assert reports[topics.TICKET.name]["partitions"] == topics.PARTITIONS
    assert set(reports[topics.TICKET.name]["lag"]) == {group for group, read in GROUPS.items() if topics.TICKET in read}


async def test_a_simulation_without_intake_is_a_sentence_and_no_traceback(kefu: Command) -> None:
    """Where intake does not answer, `kefu simulate` says so and what to look at: exit 1."""
    own = {"INTAKE_URL": "http://127.0.0.1:1", "CHANNEL_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
    words = ("simulate", "--contacts", "40", "--rate", "40", "--patience", "1")
    told = kefu.refusal(*words, **own)
    assert "intake at http://127.0.0.1:1 does not answer" in told
    assert "make status" in told
    assert "Traceback" not in told
