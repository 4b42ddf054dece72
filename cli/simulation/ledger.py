"""What the topics say about a day. Pure: records in, folded; nothing is counted that was not read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cli.dead_letters.letter import DeadLetter
from cli.simulation.log import Seen
from cli.tickets.view import TicketView
from shared.contracts.contacts import ContactReceived
from shared.contracts.notices import Notice
from shared.contracts.tickets import TicketAmended, TicketEvent, TicketOpened

ContactKey = tuple[str, str]
"""Channel and contact_id."""


@dataclass(slots=True)
class NoticeView:
    """A notice: how far it came, and when it was said."""

    notice_id: str
    ticket_id: str
    channel: str
    template: str
    steps: list[tuple[float, str, str | None]] = field(default_factory=list)

    @property
    def outcome(self) -> str:
        """The last that was said of it."""
        return self.steps[-1][1]

    @property
    def reason(self) -> str | None:
        """Why, if a reason was given."""
        return self.steps[-1][2]


@dataclass(slots=True)
class Ledger:
    """``written``: contact -> when it first lay on Kafka; ``heard``: contact -> the tickets that say they heard it;
    ``first``: ticket -> verb -> when it was first said; ``repeated``: events that were published more than once."""

    tickets: dict[str, TicketView] = field(default_factory=dict)
    written: dict[ContactKey, float] = field(default_factory=dict)
    records: int = 0
    heard: dict[ContactKey, list[str]] = field(default_factory=dict)
    opener: dict[str, ContactKey] = field(default_factory=dict)
    first: dict[str, dict[str, float]] = field(default_factory=dict)
    channels: dict[str, list[str]] = field(default_factory=dict)
    notices: dict[str, NoticeView] = field(default_factory=dict)
    events: int = 0
    repeated: int = 0
    letters: list[DeadLetter] = field(default_factory=list)
    handsets: Mapping[str, int] | None = None

    @property
    def duplicates(self) -> int | None:
        """Messages that reached a handset more than once, as the carrier counts; None: it was not asked."""
        if self.handsets is None:
            return None
        return sum(count - 1 for notice_id, count in self.handsets.items() if notice_id in self.notices)


def fold(
    seen_ones: Iterable[Seen],
    sent: Mapping[ContactKey, int],
    letters: Iterable[DeadLetter] = (),
    handsets: Mapping[str, int] | None = None,
) -> Ledger:
    """The ledger of what was ``sent``; whatever else lies on the topics is no part of it.

    Each partition has to be in order; tickets before notices, which are about them.
    """
    ledger = Ledger(letters=list(letters), handsets=handsets)
    events: set[tuple[str, str]] = set()
    for seen in seen_ones:
        event = seen.decoded.event
        if isinstance(event, ContactReceived):
            key = (event.channel, event.contact_id)
            if key in sent:
                ledger.records += 1
                ledger.written.setdefault(key, seen.at)
        elif isinstance(event, TicketEvent):
            if isinstance(event, TicketOpened) and (event.channel, event.contact_id) in sent:
                ledger.tickets.setdefault(event.ticket_id, TicketView(event.ticket_id))
            if event.ticket_id in ledger.tickets:
                name = (seen.decoded.envelope.source, seen.decoded.envelope.id)
                ledger.events += 1
                ledger.repeated += name in events
                if name not in events:
                    events.add(name)
                    _ticket_event(ledger, seen, event)
    for seen in seen_ones:
        if isinstance(seen.decoded.event, Notice):
            _notice(ledger, seen, seen.decoded.event)
    return ledger


def _ticket_event(ledger: Ledger, seen: Seen, event: TicketEvent) -> None:
    ticket = ledger.tickets[event.ticket_id]
    ticket.apply(seen.decoded.envelope, event, seen.offset)
    ledger.first.setdefault(event.ticket_id, {}).setdefault(ticket.story[-1].verb, seen.at)
    if isinstance(event, TicketOpened | TicketAmended):
        key = (event.channel, event.contact_id)
        ledger.heard.setdefault(key, []).append(event.ticket_id)
        ledger.channels.setdefault(event.ticket_id, []).append(event.channel)
        if isinstance(event, TicketOpened):
            ledger.opener.setdefault(event.ticket_id, key)


def _notice(ledger: Ledger, seen: Seen, event: Notice) -> None:
    if event.ticket_id not in ledger.tickets or event.ticket_id is None:
        return
    notice = ledger.notices.setdefault(
        event.notice_id, NoticeView(event.notice_id, event.ticket_id, event.channel, event.template)
    )
    notice.channel = event.channel
    notice.steps.append((seen.at, seen.decoded.envelope.type.split(".")[-2], event.reason))
