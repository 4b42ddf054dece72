"""From a template and typed slots to the final text, with the spans the slots produced, checked by the firewall."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.notify.domain.directory import Directory, Entry, EntryKind
from services.notify.domain.firewall import scan
from services.notify.domain.member import Member
from services.notify.domain.templates import (
    CONTACTS,
    HOTLINE,
    LONGEST_TICKET_NO,
    PUSH_CHARACTERS,
    TICKET_NO,
    Catalogue,
)
from services.notify.domain.ticket import Kind, Ticket
from shared.contracts.ticket_numbers import is_ticket_number
from shared.contracts.vocabulary import NoticeChannel

_PLAIN_NUMBER: Final = re.compile(rf"(?=.{{2,{LONGEST_TICKET_NO}}}\Z)[A-Z]{{1,4}}-?[0-9A-Z]+(?:-[0-9A-Z]+)*\Z")


class BlockedError(ValueError):
    """The notice must not leave the house. The message is a short code that is published as the reason."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """What is handed to the provider. ``title`` is empty for an SMS; the signature is the provider's to add."""

    title: str
    text: str
    signature: str
    template_version: int
    contact_entries: tuple[str, ...]


def render(
    *,
    kind: Kind,
    channel: str,
    ticket: Ticket,
    member: Member,
    catalogue: Catalogue,
    directory: Directory,
    now: datetime,
) -> Rendered:
    """The final text for this member. Raises BlockedError when it holds anything that no slot put there.

    An SMS names the public hotline alone; a push, which only the member's own app shows, every entry of theirs.
    """
    template = catalogue.templates[kind]
    number, vouched_for = _ticket_no(ticket.ticket_no)
    if channel == NoticeChannel.SMS:
        hotline = directory.hotline(problem_type=ticket.problem_type, now=now)
        if hotline is None:
            raise BlockedError("no_hotline")
        text = template.sms.format_map({TICKET_NO: number, HOTLINE: hotline.value})
        _pass(text, (*vouched_for, hotline.value))
        return Rendered("", text, catalogue.signature, template.version, (hotline.id,))
    entries = directory.pick(tier=member.tier, problem_type=ticket.problem_type, now=now)
    named = entries if CONTACTS in template.push.body else ()
    references = [contact_reference(entry, catalogue.locale) for entry in named]
    text = template.push.body.format_map({TICKET_NO: number, CONTACTS: "; ".join(references)})
    if len(text) > PUSH_CHARACTERS:
        raise BlockedError("too_long")
    _pass(f"{template.push.title}\n{text}", (*vouched_for, *references))
    return Rendered(template.push.title, text, catalogue.signature, template.version, tuple(one.id for one in named))


def contact_reference(entry: Entry, locale: str) -> str:
    """An entry as members read it: what it is, how to reach it, and when."""
    parts = [entry.label(locale)]
    if entry.kind is not EntryKind.APP_ROUTE:
        parts.append(entry.contact())
    if entry.hours:
        parts.append(f"({entry.hours})")
    return " ".join(parts)


def _ticket_no(number: str) -> tuple[str, tuple[str, ...]]:
    """The slot's text, and the span the firewall lets through: only a number with our check digit is one."""
    if is_ticket_number(number):
        return number, (number,)
    if not _PLAIN_NUMBER.match(number):
        raise BlockedError("ticket_no_malformed")
    return number, ()


def _pass(text: str, allowed: Iterable[str]) -> None:
    if found := scan(text, allowed):
        raise BlockedError("contact_not_in_directory:" + ",".join(sorted({finding.kind for finding in found})))
