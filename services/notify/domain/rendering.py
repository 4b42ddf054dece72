"""From a template and typed slots to the final text, with the spans the slots produced, checked by the firewall."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.notify.domain.directory import Directory
from services.notify.domain.firewall import scan
from services.notify.domain.member import Member
from services.notify.domain.templates import (
    CONTACTS,
    HOTLINE,
    PLAIN_NUMBER,
    PUSH_CHARACTERS,
    TICKET_NO,
    TextCatalogue,
    TextName,
    slots_of,
)
from services.notify.domain.ticket import NoticeKind, Ticket
from services.notify.domain.wording import Worded, contact_reference, contact_words, fill, is_worded
from shared.contracts.ticket_numbers import is_ticket_number
from shared.contracts.vocabulary import NoticeChannel

NOT_THE_TEMPLATE: Final = "not_the_template"


class BlockedError(ValueError):
    """The notice must not leave the house. The message is a short code that is published as the reason."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """What is handed to the provider. The title is empty for an SMS; the signature is the provider's to add."""

    worded: Worded
    text_name: TextName
    text_hash: bytes

    @property
    def title(self) -> str:
        """Above the text, of a push."""
        return self.worded.title

    @property
    def text(self) -> str:
        """What the member reads."""
        return self.worded.text

    @property
    def signature(self) -> str:
        """In front of an SMS, as the carrier has it on file."""
        return self.worded.signature

    @property
    def contact_entries(self) -> tuple[str, ...]:
        """The entries of the directory it names."""
        return self.worded.entries


def render(
    *,
    kind: NoticeKind,
    channel: str,
    ticket: Ticket,
    member: Member,
    catalogue: TextCatalogue,
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
        text, spans = fill(template.sms, {TICKET_NO: number, HOTLINE: hotline.value})
        worded = Worded("", text, catalogue.signature, spans, (hotline.id,))
        allowed = (*vouched_for, hotline.value)
    else:
        entries = directory.pick(tier=member.tier, problem_type=ticket.problem_type, now=now)
        named = entries if CONTACTS in slots_of(template.push.body) else ()
        words = {TICKET_NO: number, CONTACTS: contact_words(named, catalogue.locale)}
        text, spans = fill(template.push.body, words)
        if len(text) > PUSH_CHARACTERS:
            raise BlockedError("too_long")
        worded = Worded(template.push.title, text, "", spans, tuple(one.id for one in named))
        allowed = (*vouched_for, *(contact_reference(entry, catalogue.locale) for entry in named))
    if not is_worded(worded, kind, channel, catalogue, directory):
        raise BlockedError(NOT_THE_TEMPLATE)
    # both at once: a number may begin in the title and end in the text
    _pass(f"{worded.title}\n{worded.text}", allowed)
    return Rendered(worded, catalogue.text_name(kind), catalogue.text_hash(kind))


def _ticket_no(number: str) -> tuple[str, tuple[str, ...]]:
    """The slot's text, and the span the firewall lets through: only a number with our check digit is one."""
    if is_ticket_number(number):
        return number, (number,)
    if not PLAIN_NUMBER.match(number):
        raise BlockedError("ticket_no_malformed")
    return number, ()


def _pass(text: str, allowed: Iterable[str]) -> None:
    if found := scan(text, allowed):
        raise BlockedError("contact_not_in_directory:" + ",".join(sorted({finding.kind for finding in found})))
