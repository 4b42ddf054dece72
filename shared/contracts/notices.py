"""``support.notice.v1``: what was sent to whom and what became of it. Never a phone number, token or message body."""

from typing import Annotated

from shared.contracts.model import Fact, Identifier, known
from shared.contracts.vocabulary import NoticeChannel


class Notice(Fact):
    """What every event of a notice carries."""

    notice_id: Identifier
    ticket_id: str | None = None
    member_id: str | None = None
    channel: Annotated[str, known(NoticeChannel)]
    template: str
    template_version: int
    provider: str | None = None
    contact_entries: tuple[str, ...] = ()
    reason: str | None = None


class NoticePlanned(Notice):
    """A notice was decided on; it will be sent unless something speaks against it."""


class NoticeAccepted(Notice):
    """The provider took it. That is not delivery."""


class NoticeDelivered(Notice):
    """The provider's receipt says that it reached the handset."""


class NoticeUndelivered(Notice):
    """The provider's receipt says that it did not reach the handset."""


class NoticeInDoubt(Notice):
    """The provider did not answer: it may have been sent. It is looked up, never simply sent again."""


class NoticeRejected(Notice):
    """The provider refused it for certain."""


class NoticeSuppressed(Notice):
    """Not sent: no verified address, a limit, or the member's own wish."""


class NoticeExpired(Notice):
    """Not sent: it came too late to be of use."""


class NoticeBlocked(Notice):
    """Not sent: the outbound firewall found something that is not in the official directory."""
