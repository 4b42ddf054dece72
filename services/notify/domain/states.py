"""The states of a notice, and the one rule about them: evidence only moves a notice forward."""

from enum import StrEnum


class NoticeState(StrEnum):
    """``held`` waits for the member's data, ``submitting`` is committed before the call; the rest is the contract's."""

    HELD = "held"
    PLANNED = "planned"
    SUPPRESSED = "suppressed"
    BLOCKED = "blocked"
    SUBMITTING = "submitting"
    IN_DOUBT = "in_doubt"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    EXPIRED = "expired"
    UNDELIVERED = "undelivered"
    DELIVERED = "delivered"


NOT_YET_SENT = frozenset({NoticeState.HELD, NoticeState.PLANNED})

# Rejected outweighs accepted: some providers take a message first and check it afterwards. Receipts outweigh that we
# gave up: the handset's word comes when it comes.
_ORDER = (
    NoticeState.SUBMITTING,
    NoticeState.IN_DOUBT,
    NoticeState.ACCEPTED,
    NoticeState.REJECTED,
    NoticeState.EXPIRED,
    NoticeState.UNDELIVERED,
    NoticeState.DELIVERED,
)
_RANK = {state: rank for rank, state in enumerate(_ORDER)}


def after(current: NoticeState, evidence: NoticeState) -> NoticeState:
    """The state once ``evidence`` (an answer, a receipt, a look-up) is known: the later of the two.

    Evidence may be repeated and come in any order, the end is the same. What says that the handset got it outweighs
    everything. Evidence about a notice that was never sent says nothing.
    """
    if current not in _RANK or evidence not in _RANK:
        return current
    return max(current, evidence, key=_RANK.__getitem__)
