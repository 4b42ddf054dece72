"""What must be true after a day, however it went. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from cli.simulation.ledger import ContactKey, Ledger
from shared.contracts import topics


@dataclass(frozen=True, slots=True)
class Check:
    """``holds``, and in words what was found."""

    holds: bool
    found: str


def checks(ledger: Ledger, sent: Mapping[ContactKey, int], matters: int, poisons: int) -> list[Check]:
    """``sent``: contact -> number of its matter; ``matters`` and ``poisons``: how many there were."""
    return [
        _every_contact(ledger, sent),
        _one_ticket_a_matter(ledger, sent, matters),
        _poison(ledger, poisons),
        Check(ledger.repeated == 0, f"{ledger.events} events of tickets, {ledger.repeated} of them published twice"),
        _promised(ledger),
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


def _promised(ledger: Ledger) -> Check:
    without = sum(not ticket.clocks for ticket in ledger.tickets.values())
    return Check(not without, f"{len(ledger.tickets) - without} tickets with a promise, {without} without")


def _handsets(ledger: Ledger) -> str:
    reached = sum(notice_id in ledger.notices for notice_id in ledger.handsets or ())
    return f"{reached} notices reached a handset, {ledger.duplicates} of them more than once"
