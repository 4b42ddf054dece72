"""How each channel of the simulation behaves. It plays the channels of this table and no others."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shared.contracts.vocabulary import Channel, Proof

PHONE, EMAIL, OPENID, MEMBER = "phone", "email", "wechat_openid", "member"


class Way(StrEnum):
    """How a contact gets onto the bus: CloudEvents in binary or structured mode, plain JSON, or a signed webhook."""

    BINARY = "binary"
    STRUCTURED = "structured"
    PLAIN = "plain"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class Played:
    """``sender``: the kind of name its writers have, ``proof``: how surely it is theirs; ``ways``: how often it comes
    by which. ``session``: it logs its members in; ``call``: a telephone call comes with it; ``subject``: a line of its
    own; ``names``: it shows a name."""

    sender: str
    ways: Mapping[Way, int]
    proof: Proof = Proof.STRONG
    session: bool = False
    call: bool = False
    subject: bool = False
    names: bool = False


CHANNELS: Final[Mapping[Channel, Played]] = {
    Channel.PHONE: Played(PHONE, {Way.PLAIN: 1}, Proof.WEAK, call=True),
    Channel.CHAT: Played(MEMBER, {Way.BINARY: 1}, session=True),
    Channel.EMAIL: Played(EMAIL, {Way.WEBHOOK: 1}, subject=True),
    Channel.SOCIAL: Played(OPENID, {Way.STRUCTURED: 1, Way.WEBHOOK: 1}, names=True),
}
