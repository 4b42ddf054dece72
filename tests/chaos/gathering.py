"""Gathers the evidence when all is over: the topics, the databases, the group offsets, the carrier's own count."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Final

import httpx
from aiokafka import TopicPartition

from cli.kafka_log import admin_client
from deploy.carrier.journal import FILE_NAME
from shared.bus.tail import tail_of
from shared.contracts import topics
from shared.contracts.ids import name_of
from shared.contracts.services import GROUPS, SERVICES
from tests.chaos.crew import Sent
from tests.chaos.house import House
from tests.chaos.invariants.verdict import Evidence
from tests.chaos.log import read_log
from tests.chaos.world import World

POSITIONS: Final = "select topic, part, next_off from {}.consumer_offset"
OUTBOX: Final = "select count(*) from {}.outbox"
OUTCOMES: Final = "select action_id, outcome from routing.action"
LOADS: Final = "select agent_id, load from routing.agent"
QUEUED: Final = "select count(*) from routing.ticket where state = 'queued'"
OFFERED: Final = "select count(*) from routing.ticket where state = 'assigned'"


async def lags(house: House) -> dict[str, int]:
    """How many records each group has before it, by its own books (the truth) and by what it told Kafka."""
    found = {}
    async with tail_of(house.servers, client_id="chaos") as tail, admin_client(house.servers) as admin:
        for group, read in GROUPS.items():
            places = [TopicPartition(topic.name, part) for topic in read for part in range(topics.PARTITIONS)]
            ends = await tail.ends(places)
            rows = await house.fetch(POSITIONS.format(group))
            booked = {TopicPartition(row["topic"], row["part"]): row["next_off"] for row in rows}
            told = await admin.list_consumer_group_offsets(group)
            for place, end in ends.items():
                name = f"{group} {place.topic}[{place.partition}]"
                found[name] = end - booked.get(place, 0)
                found[f"{name} as Kafka knows"] = end - told[place].offset if place in told else end
    return found


async def outboxes(house: House) -> dict[str, int]:
    """Rows left to publish, by service."""
    return {service: (await house.fetch(OUTBOX.format(service)))[0][0] for service in SERVICES}


async def queued(house: House) -> int:
    """Tickets nobody has been given."""
    return int((await house.fetch(QUEUED))[0][0])


async def offered(house: House) -> int:
    """Tickets that wait for an agent to accept them, who may leave it until it is offered to another."""
    return int((await house.fetch(OFFERED))[0][0])


async def gather(house: House, world: World, sent: Sent, unready: Mapping[str, str]) -> Evidence:
    """Everything the invariants look at."""
    async with httpx.AsyncClient(trust_env=False) as client:
        handset = (await client.get(f"{house.environment['KEFU_CARRIER_URL']}/v1/handset")).json()
    # The crew does not say who it is; routing books an action under its sender and its id.
    books = {row["action_id"]: row["outcome"] for row in await house.fetch(OUTCOMES)}
    return Evidence(
        log=await read_log(house.servers),
        contacts=sent.contacts,
        amendments=sent.amendments,
        matter_of={name: name.removesuffix("-more") for name in sent.amendments},
        actions=frozenset(sent.actions),
        capacity={agent.agent_id: agent.capacity for agent in world.agents},
        outboxes=await outboxes(house),
        lags=await lags(house),
        outcomes={action: books[name] for action in sent.actions if (name := name_of("", action)) in books},
        loads={row["agent_id"]: row["load"] for row in await house.fetch(LOADS)},
        taken=_taken(house),
        arrived=handset["counts"],
        unready=unready,
        queued=await queued(house),
    )


def _taken(house: House) -> Counter[str]:
    """How often the carrier took each notice, from the file it writes before it does anything."""
    counts: Counter[str] = Counter()
    lines = (house.stack.layout.root / "carrier" / FILE_NAME).read_text("utf-8", "replace").splitlines()
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            continue  # cut off when the carrier was killed
        if entry["is"] == "taken":
            counts[entry["out_id"]] += 1
    return counts
