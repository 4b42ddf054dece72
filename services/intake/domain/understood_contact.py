"""A contact with all that was found out about it, ready to be decided on."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.intake.domain.identity import MEMBER_KIND, Identification
from services.intake.domain.orders import same_order
from services.intake.domain.ticket import Status, Ticket
from services.intake.understanding.understand import Understanding
from shared.contracts.contacts import Attachment, ContactReceived
from shared.contracts.vocabulary import Outcome, ProblemType, Remark, Urgency

ORDER_OF_ANOTHER: Final = "order_of_another_member"
"""The signal of a contact whose order belongs to another member than the one who is speaking."""

_DANGER: Final = frozenset({"account_at_risk", "fraud_suspected"})
"""The signals of ``config/understanding.yaml`` that make a matter one of its own: a theft under way, a fraud."""


_ENCLOSED: Final = re.compile(
    r"[\[【](?:图片|照片|截图|语音|视频|文件|image|photo|picture|video|voice|file)[\]】]", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class UnderstoodContact:
    """``at`` is when it was received, as far as that is believed; ``sender`` the blind index of the sender's address;
    ``tier`` that of the member, None when unknown; ``order_no`` the order it is about, ``order_owner`` whose
    that is, if the platform has said; ``attachments`` what may be shown of them."""

    received: ContactReceived
    at: datetime
    sender: bytes
    identification: Identification
    tier: str | None
    understanding: Understanding
    attachments: tuple[Attachment, ...]
    order_no: str | None
    order_owner: str | None

    @property
    def sender_is_address(self) -> bool:
        """Whether the sender names an address that somebody controls, and not only a member they say they are."""
        return self.received.sender.kind != MEMBER_KIND

    def remark_on(self, ticket: Ticket) -> Remark:
        """What kind of saying it is about this ticket. A picture supplies something to one that is open, with whatever
        word of greeting or thanks; to one that is over, thanks with a picture are thanks."""
        pleasantry = self.understanding.remark in {Remark.GREETING, Remark.COURTESY}
        return (
            Remark.MATTER
            if pleasantry and self.shows_something and ticket.status is Status.OPEN
            else self.understanding.remark
        )

    @property
    def shows_something(self) -> bool:
        """Whether a file came with it, or the sign that a chat puts in the place of one."""
        return bool(self.received.attachments) or _ENCLOSED.search(self.received.text or "") is not None

    @property
    def signals(self) -> tuple[str, ...]:
        """What must be noticed: from the words, and from whose order it is."""
        member = self.identification.member_id
        # Of a stranger nothing follows: whose order it is says something only once we know who is speaking.
        foreign = member is not None and self.order_owner is not None and self.order_owner != member
        return (*self.understanding.signals, ORDER_OF_ANOTHER) if foreign else self.understanding.signals

    @property
    def tells_matter(self) -> bool:
        """Whether one knows from it what somebody wants. Greetings and thanks do not say, nor does what names neither
        an order nor anything that is understood."""
        understanding = self.understanding
        names = bool(understanding.order_nos) or understanding.urgency is Urgency.CRITICAL
        has_type = understanding.problem_type != ProblemType.OTHER or understanding.outcome is not Outcome.HUMAN
        return understanding.remark is Remark.MATTER and (names or has_type)

    @property
    def reports_danger(self) -> bool:
        """Whether somebody loses an account or money while we read."""
        return not _DANGER.isdisjoint(self.understanding.signals)

    def names_order(self, order_no: str | None) -> bool:
        """Whether the contact is about this order, among others."""
        return any(same_order(order_no, named) for named in self.understanding.order_nos)
