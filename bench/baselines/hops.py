"""The transactions of the bare loop: the statements of our services with recorded rows, and nothing in between."""

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from bench.baselines.recording import Life, Recording, Row, Spoken
from services.intake.store import contacts as intake_contacts
from services.intake.store import handles as intake_handles
from services.intake.store import members as intake_members
from services.intake.store import orders as intake_orders
from services.intake.store import parties as intake_parties
from services.intake.store import tickets as intake
from services.intake.understanding.extract.orders import order_key
from services.notify.store import intents as notify_intents
from services.notify.store import members as notify_members
from services.notify.store import tickets as notify_tickets
from services.routing.store import agents as routing_agents
from services.routing.store import members as routing_members
from services.routing.store import pending_actions as routing_pending
from services.routing.store import queue as routing_queue
from services.routing.store import tickets as routing
from services.sla.store import tickets as sla
from shared.database.connection import Connection
from shared.timers import timers

Heard = Sequence[tuple[str, dict[str, Any]]]


class Hop(Protocol):
    """One batch in the caller's transaction: verbs and values in, what is to be published out."""

    async def __call__(self, connection: Connection, heard: Heard) -> list[Spoken]: ...


class Intake:
    """Contacts become tickets; of what others say only the tier is looked at."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording

    async def __call__(self, connection: Connection, heard: Heard) -> list[Spoken]:
        told = [value for verb, value in heard if verb not in ("received", "opened")]
        if told:
            await connection.fetch(
                intake.OTHER_TIER, [UUID(one["ticket_id"]) for one in told], [one["tier"] for one in told]
            )
        lives = [self._recording.by_contact[value["contact_id"]] for verb, value in heard if verb == "received"]
        if not lives:
            return []
        kept = [life.contact for life in lives]
        members = sorted({life.intake_ticket["member_id"] for life in lives if life.intake_ticket["member_id"]})
        senders = sorted({one["sender"] for one in kept})
        orders = sorted({life.intake_ticket["order_no"] for life in lives if life.intake_ticket["order_no"]})
        await connection.fetch(intake_handles.MEMBERS_OF_HANDLES, senders)
        await connection.execute(intake_parties.LOCK_PARTIES, _party_keys(members, senders))
        await connection.fetch(
            intake_contacts.HANDLED, [one["channel"] for one in kept], [one["contact_id"] for one in kept]
        )
        await connection.fetch(intake.OF_PARTIES, members, senders, intake.MOST_TICKETS_OF_A_PARTY, datetime.now(UTC))
        await connection.fetch(intake_members.TIERS, members)
        await connection.fetch(intake_orders.ORDERS, [order_key(order_no) for order_no in orders])
        await connection.fetch(intake.LOCK_TICKETS, [])
        await connection.fetch(intake.NUMBERS, len(lives))
        rows = [{**life.intake_ticket, "missing": json.dumps(life.intake_ticket["missing"])} for life in lives]
        await connection.execute(intake.INSERT_TICKETS, *_columns(rows, intake.COLUMNS))
        await connection.execute(
            intake_contacts.INSERT_CONTACTS,
            *_columns(kept, "channel, contact_id, ticket_id, rule, identity, claimed_member_id, sender, sender_sealed"),
            *_columns(kept, "content_sealed, received_at"),
            kept[0]["handled_at"],
        )
        return _said(lives, "opened")


class Sla:
    """A promise for each new ticket."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording

    async def __call__(self, connection: Connection, heard: Heard) -> list[Spoken]:
        lives = _lives(self._recording, heard, "opened")
        await connection.fetch(sla.LOAD, sorted(life.ticket_id for life in lives))
        if not lives:
            return []
        rows = [life.sla_ticket for life in lives]
        await connection.execute(
            sla.SAVE,
            *_columns(rows, "ticket_id, ticket_no, member_id, tier"),
            [json.dumps(row["clocks"]) for row in rows],
        )
        await _set_timers(connection, [row for life in lives for row in life.sla_timers])
        return _said(lives, "promised")


class Routing:
    """A new ticket is queued; its promise ends the wait for it."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording

    async def __call__(self, connection: Connection, heard: Heard) -> list[Spoken]:
        opened = _lives(self._recording, heard, "opened")
        promised = _lives(self._recording, heard, "promised")
        ids = sorted({life.ticket_id for life in (*opened, *promised)})
        given: set[UUID] = set()
        if ids:
            rows = await connection.fetch(routing.LOCK, ids)
            given = {row["ticket_id"] for row in rows if row["state"] != "queued"}
            await connection.fetch(routing_pending.WAITING, ids)
        if opened:
            members = sorted({life.routing_ticket["member_id"] for life in opened if life.routing_ticket["member_id"]})
            await connection.fetch(routing_members.ADVISORS, members)
        changed = {life.ticket_id: _queued(life, wait=0.5) for life in opened}
        changed |= {
            life.ticket_id: life.routing_ticket if life.ticket_id in given else _queued(life, wait=0.0)
            for life in promised
        }
        await _save_routing(connection, list(changed.values()))
        return _said(opened, "queued")


class Notify:
    """What is worth a notice is planned; the rest leaves the ticket as it is."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording

    async def __call__(self, connection: Connection, heard: Heard) -> list[Spoken]:
        about = sorted({value["ticket_id"] for verb, value in heard if verb != "changed"})
        await connection.fetch(notify_tickets.LOCK, about)
        lives = _lives(self._recording, heard, "opened")
        if not lives:
            return []
        rows = sorted((life.notify_ticket for life in lives), key=lambda row: row["ticket_id"])
        await connection.execute(notify_tickets.SAVE, *_columns(rows, notify_tickets.COLUMNS))
        await connection.fetch(notify_members.LOCK, sorted({row["member_id"] for row in rows if row["member_id"]}))
        await connection.fetch(notify_intents.OF_TICKETS, [row["ticket_id"] for row in rows])
        await save_intents(connection, [intent for life in lives for intent in life.intents])
        return _said(lives, "notice")


HOPS: dict[str, Callable[[Recording], Hop]] = {"intake": Intake, "sla": Sla, "routing": Routing, "notify": Notify}


async def match_round(connection: Connection, recording: Recording, limit: int) -> tuple[list[Spoken], bool]:
    """Waiting tickets go to the agents they went to in ours. Also says whether there may be more."""
    if not await connection.fetchval(routing_queue.WORTH_MATCHING):
        return [], False
    await connection.fetch(routing_agents.PRESENT)
    await connection.fetch(routing_queue.KINDS)
    waiting = await connection.fetch(routing_queue.LOCK_FIRST, limit)
    lives = [recording.by_ticket[str(row["ticket_id"])] for row in waiting]
    if not lives:
        return [], False
    given = [life.routing_ticket for life in lives]
    agents = await connection.fetch(routing_agents.LOCK_FREE, sorted({row["agent_id"] for row in given}))
    await _save_routing(connection, given)
    await _set_timers(connection, [row for life in lives for row in life.routing_timers])
    loads = {row["agent_id"]: row["load"] for row in agents}
    for row in given:
        loads[row["agent_id"]] += 1
    names = sorted(loads)
    times = [max(row["queued_at"] for row in given)] * len(names)
    await connection.execute(routing_agents.SAVE_LOAD, names, [loads[name] for name in names], times)
    return _said(lives, "assigned"), len(waiting) == limit


async def save_intents(connection: Connection, rows: Sequence[Row]) -> None:
    """As notify writes them."""
    ordered = sorted(rows, key=lambda row: row["notice_id"])
    names = notify_intents.COLUMNS.split(", ")
    await connection.executemany(notify_intents.SAVE, [[row[name] for name in names] for row in ordered])


async def _save_routing(connection: Connection, rows: Sequence[Row]) -> None:
    if rows:
        ordered = sorted(rows, key=lambda row: row["ticket_id"])
        await connection.execute(routing.SAVE, *([row[name] for row in ordered] for name in routing.COLUMNS))


async def _set_timers(connection: Connection, rows: Sequence[Row]) -> None:
    if rows:
        ordered = sorted(rows, key=lambda row: (row["ticket_id"], row["kind"]))
        await connection.execute(timers.SET, *_columns(ordered, "ticket_id, kind, due_at, data"))


def _queued(life: Life, *, wait: float) -> Row:
    """The row of routing before anybody had the ticket."""
    row = life.routing_ticket
    nobody = {"state": "queued", "agent_id": None, "accept_due": None, "attempt": 0}
    return {**row, **nobody, "try_at": datetime.now(UTC) + timedelta(seconds=wait)}


def _lives(recording: Recording, heard: Heard, verb: str) -> list[Life]:
    return [recording.by_ticket[value["ticket_id"]] for name, value in heard if name == verb]


def _said(lives: Sequence[Life], verb: str) -> list[Spoken]:
    return [spoken for life in lives for spoken in life.spoken.get(verb, ())]


def _columns(rows: Sequence[Row], names: str) -> list[list[Any]]:
    return [[row[name] for row in rows] for name in names.split(", ")]


def _party_keys(members: Sequence[str], senders: Sequence[bytes]) -> list[int]:
    names = {b"member/" + member.encode() for member in members} | {b"sender/" + sender for sender in senders}
    return sorted({int.from_bytes(hashlib.sha256(name).digest()[:8], signed=True) for name in names})
