"""The port every provider of SMS or push is reached through."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.notify.domain.states import NoticeState


@dataclass(frozen=True, slots=True)
class Message:
    """What is handed over. ``out_id`` is the notice's id, the same on every attempt; receipts and look-ups carry it.

    ``address``: an E.164 number, or a device token with its ``push_provider``. ``signature`` is put in front of an
    SMS by the provider, in 【】.
    """

    out_id: UUID
    channel: str
    address: str
    text: str
    title: str = ""
    signature: str = ""
    push_provider: str = ""

    def __repr__(self) -> str:
        return f"Message(out_id={self.out_id}, channel={self.channel})"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took it, for certain."""

    message_id: str | None


@dataclass(frozen=True, slots=True)
class Rejected:
    """The provider refused it for certain and for good; ``code`` is its own."""

    code: str


@dataclass(frozen=True, slots=True)
class NotSent:
    """Nothing was handed over, for certain: no connection, or the provider asks to slow down. It may be tried again."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have been sent: no answer in time, a broken connection, a failure on the provider's side."""

    reason: str


SendResult = Accepted | Rejected | NotSent | Unknown


@dataclass(frozen=True, slots=True)
class MessageStatus:
    """The provider knows the notice: accepted, rejected, delivered or undelivered."""

    state: NoticeState
    message_id: str | None
    code: str | None


@dataclass(frozen=True, slots=True)
class NoSuchMessage:
    """The provider does not know the notice at this moment. Its query API may lag behind."""


LookUpResult = MessageStatus | NoSuchMessage | Unknown


class Sender(Protocol):
    """A provider. No method raises because of the provider; each answers within its deadline, in seconds.

    ``at``: when the call was decided on, by the database's clock. Whatever has to be fresh is dated so, because the
    clock of this host may be wrong, and because a process that was stopped meanwhile must not pass for a fresh one.
    """

    @property
    def name(self) -> str:
        """Its name in events and in the path of its receipts."""
        ...

    async def send(self, message: Message, *, at: datetime, deadline: float) -> SendResult:
        """Hands the message over, once. Never tries again by itself."""
        ...

    async def look_up(self, out_id: UUID, *, at: datetime, deadline: float) -> LookUpResult:
        """Asks what became of a notice."""
        ...

    async def close(self) -> None:
        """Gives its connections back."""
        ...
