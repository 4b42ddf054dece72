"""What must be true after a day, however it went. Pure."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from cli.simulation.ledger import ContactKey, Ledger
from cli.simulation.played import Played
from shared.contracts import topics
from shared.contracts.tickets import TicketAnswered


@dataclass(frozen=True, slots=True)
class Check:
    """``holds``, and in words what was found."""

    holds: bool
    found: str


def checks(ledger: Ledger, played: Played, matters: int) -> list[Check]:
    """The ledger against what was really sent; ``matters``: how many there were."""
    return [
        _every_contact(ledger, played.sent),
        _one_ticket_a_matter(ledger, played.sent, matters),
        _promised(ledger),
        _poison(ledger, played.poisons),
        *([_wrong(ledger, played)] if played.wrong else ()),
        *([_repeated(ledger, played)] if played.repeated else ()),
        Check(ledger.repeated == 0, f"{ledger.events} events of tickets, {ledger.repeated} of them published twice"),
        *([Check(ledger.duplicates == 0, _handsets(ledger))] if ledger.duplicates is not None else ()),
    ]


def _every_contact(ledger: Ledger, sent: Mapping[ContactKey, int]) -> Check:
    lost = sum(key not in ledger.heard for key in sent)
    twice = sum(len(tickets) > 1 for tickets in ledger.heard.values())
    found = f"{len(sent)} contacts sent, {len(sent) - lost} in a ticket, {lost} lost, {twice} counted twice"
    return Check(not lost and not twice, found)


def _one_ticket_a_matter(ledger: Ledger, sent: Mapping[ContactKey, int], matters: int) -> Check:
    tickets_of: dict[int, set[str]] = {}
    matters_of: dict[str, set[int]] = {}
    for key, ids in ledger.heard.items():
        for ticket_id in ids:
            tickets_of.setdefault(sent[key], set()).add(ticket_id)
            matters_of.setdefault(ticket_id, set()).add(sent[key])
    split = sum(len(ids) > 1 for ids in tickets_of.values())
    mixed = sum(len(numbers) > 1 for numbers in matters_of.values())
    found = f"{matters} matters, {len(ledger.tickets)} tickets, {split} matters split, {mixed} tickets mixed"
    return Check(len(ledger.tickets) == matters and not split and not mixed, found)


def _poison(ledger: Ledger, poisons: int) -> Check:
    by_topic = Counter(letter.topic for letter in ledger.letters)
    dead = by_topic[topics.CONTACT.name]
    return Check(dead == poisons, f"{poisons} unusable records sent, {dead} in the dead letters with a reason")


def _wrong(ledger: Ledger, played: Played) -> Check:
    refused = {_action_id(letter.value) for letter in ledger.letters if letter.topic == topics.ACTION.name}
    count = len(played.wrong & refused)
    found = f"{len(played.wrong)} actions that are not allowed, {count} refused with a reason"
    return Check(played.wrong <= refused, found)


def _repeated(ledger: Ledger, played: Played) -> Check:
    effects = [
        sum(
            isinstance(entry.event, TicketAnswered) and entry.event.text == action.text
            for entry in ledger.tickets[action.ticket_id].story
        )
        for action in played.repeated
        if action.ticket_id in ledger.tickets
    ]
    found = f"actions published three times: {len(played.repeated)}, with an effect: {sum(effects)}"
    return Check(effects == [1] * len(played.repeated), found)


def _action_id(value: bytes | None) -> str | None:
    try:
        found = json.loads(value or b"null")
    except ValueError:
        return None
    return str(found["action_id"]) if isinstance(found, dict) and "action_id" in found else None


def _promised(ledger: Ledger) -> Check:
    without = sum(not ticket.clocks for ticket in ledger.tickets.values())
    return Check(not without, f"{len(ledger.tickets) - without} tickets with a promise, {without} without")


def _handsets(ledger: Ledger) -> str:
    reached = sum(notice_id in ledger.notices for notice_id in ledger.handsets or ())
    return f"{reached} notices reached a handset, {ledger.duplicates} of them more than once"
