"""``support.contact.v1``: somebody reached us, by whatever channel."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from shared.contracts.model import Fact, Identifier, Short, Time, known
from shared.contracts.vocabulary import Channel, Proof

MAX_TEXT = 100_000
"""Characters of one contact's text; a longer one belongs in an attachment."""

Text = Annotated[str, StringConstraints(max_length=MAX_TEXT)]

CHANNEL_FORM: Final = re.compile("[a-z0-9_]{1,32}")

NO_ADDRESS: Final = "anonymous"
"""What a caller's number is who shows none. The contract wants a value; who leaves it empty is heard all the same."""


def _channel(value: str) -> str:
    if not CHANNEL_FORM.fullmatch(value):
        raise ValueError("the name of a channel is 1 to 32 of the characters a-z, 0-9 and _")
    return value


ChannelName = Annotated[str, AfterValidator(_channel), known(Channel)]
"""A channel, known or not: it stands in keys and in the names of figures, so it is a plain word."""


def _shown(value: object) -> object:
    return NO_ADDRESS if value in {"", None} else value


class Sender(Fact):
    """Who wrote, as the channel names them.

    ``proof``: how surely the address is theirs. Left out, what ``config/channels.yaml`` says of the channel; a producer
    may lower it, and never raise it above what its channel is allowed.
    """

    kind: Identifier
    value: Annotated[Identifier, BeforeValidator(_shown)]
    display_name: str | None = None
    proof: Annotated[Short | None, known(Proof)] = None


class Step(Fact):
    """One thing the member did, when they did it (for example from a form)."""

    at: Time | None = None
    what: Text


class Attachment(Fact):
    """A file that came with the contact. ``size`` in bytes; ``url`` is ours, never the sender's."""

    name: str
    media_type: Short | None = None
    size: Annotated[int, Field(ge=0)] | None = None
    url: str | None = None


class Call(Fact):
    """The telephone call of a contact; ``call_code`` is the one-time code the member got after login."""

    call_id: str | None = None
    call_code: str | None = None
    line: str | None = None


class ContactReceived(Fact):
    """A contact. ``contact_id`` is unique within its channel: a repeat changes nothing.

    ``member_id`` and ``authenticated`` are believed only from a channel whose credentials allow it.
    """

    contact_id: Identifier
    channel: ChannelName
    received_at: Time
    sender: Sender
    member_id: Identifier | None = None
    authenticated: bool = False
    text: Text | None = None
    subject: Text | None = None
    language: Short | None = None
    order_no: Identifier | None = None
    purchased_at: Time | None = None
    steps: tuple[Step, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    call: Call | None = None
    in_reply_to: Identifier | None = None
