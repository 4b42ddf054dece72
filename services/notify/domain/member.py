"""What notify keeps of a member: only what it takes to reach them."""

from dataclasses import dataclass

from shared.contracts.reference import MemberChanged, PushAddress
from shared.contracts.vocabulary import NoticeChannel, Tier

PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a member can be reached: verified phones and the devices of their app, the first of each is used."""

    phones: tuple[str, ...] = ()
    push: tuple[PushAddress, ...] = ()

    @classmethod
    def of(cls, member: MemberChanged) -> "Addresses":
        """The verified addresses alone: an unverified phone may be somebody else's."""
        phones = tuple(handle.value for handle in member.handles if handle.kind == PHONE and handle.verified)
        return cls(phones, tuple(address for address in member.push if address.token))


@dataclass(frozen=True, slots=True)
class Member:
    """A member for planning; the addresses themselves stay sealed until the moment of sending."""

    member_id: str
    tier: str = Tier.STANDARD
    locale: str | None = None
    has_phone: bool = False
    has_push: bool = False

    def reachable_by(self, channel: str) -> bool:
        """Whether there is a verified address for this channel."""
        return {NoticeChannel.SMS.value: self.has_phone, NoticeChannel.PUSH.value: self.has_push}.get(channel, False)
