"""Who writes: members of all tiers, some with addresses nobody has verified, and people nobody knows."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

from cli.simulation.chance import pick
from cli.simulation.channels import CHANNELS, EMAIL, MEMBER, OPENID, PHONE
from cli.simulation.texts import CHINESE, cast
from deploy.carrier.behaviour import Behaviour
from shared.contracts.contacts import Sender
from shared.contracts.reference import Handle, MemberChanged, PushAddress
from shared.contracts.vocabulary import Channel, Tier

_TIERS: Final = {Tier.STANDARD: 60, Tier.SILVER: 22, Tier.GOLD: 12, Tier.ENTERPRISE: 6}
_STRANGERS: Final = 0.08
_UNVERIFIED: Final = 0.12
_PUSH: Final = 0.5
_LANGUAGES: Final = {CHINESE: 86, "zh-Hant": 8, "en": 6}
_LOCALES: Final = {CHINESE: "zh-CN", "zh-Hant": "zh-CN", "en": "en"}

TROUBLED: Final = {
    Behaviour.REJECT: "9901",
    Behaviour.UNDELIVERED: "9902",
    Behaviour.ACCEPT_THEN_HANG: "9903",
    Behaviour.RECEIPT_FIRST: "9906",
    Behaviour.RECEIPT_TWICE: "9907",
    Behaviour.SEND_THEN_FAIL: "9910",
    Behaviour.THROTTLE: "9911",
}
"""Endings by which the sandbox carrier treats a few members' phones as carriers do on bad days."""


@dataclass(frozen=True, slots=True)
class Person:
    """``member_id`` None: the platform does not know them. ``verified``: kinds of address that prove who they are."""

    no: int
    member_id: str | None
    tier: Tier
    name: str
    phone: str
    email: str
    openid: str
    verified: frozenset[str]
    language: str
    push_token: str | None
    advisor: str | None

    def sender(self, channel: Channel) -> Sender:
        """How the channel names them."""
        played = CHANNELS[channel]
        kind = OPENID if played.session and self.member_id is None else played.sender
        values = {PHONE: self.phone, EMAIL: self.email, OPENID: self.openid, MEMBER: self.member_id or ""}
        return Sender(
            kind=kind, value=values[kind], display_name=self.name if played.names else None, proof=played.proof
        )

    def known_on(self, channel: Channel) -> bool:
        """Whether a contact on this channel proves who they are: the session of a chat, else a verified address."""
        played = CHANNELS[channel]
        return self.member_id is not None and (played.session or played.sender in self.verified)

    @property
    def can_push(self) -> bool:
        """Whether they have the app on a device."""
        return self.push_token is not None

    def as_member(self) -> MemberChanged | None:
        """What the platform says about them."""
        if self.member_id is None:
            return None
        values = {PHONE: self.phone, EMAIL: self.email, OPENID: self.openid}
        handles = [Handle(kind=kind, value=value, verified=kind in self.verified) for kind, value in values.items()]
        return MemberChanged(
            member_id=self.member_id,
            tier=self.tier,
            display_name=self.name,
            handles=tuple(handles),
            push=(PushAddress(provider="sandbox", token=self.push_token),) if self.push_token else (),
            advisor_agent_id=self.advisor,
            locale=_LOCALES[self.language],
            version=1,
        )


def people(run: str, random: Random, advisor: str) -> Iterator[Person]:
    """People without end. ``run`` stands before their ids and keeps them apart from those of other runs."""
    troubles = list(TROUBLED.values())
    no = 0
    while True:
        no += 1
        trouble = troubles[no // 9 - 1] if no % 9 == 0 and no // 9 <= len(troubles) else None
        yield _person(run, no, random, advisor, trouble)


def _person(run: str, no: int, random: Random, advisor: str, trouble: str | None) -> Person:
    known = trouble is not None or random.random() >= _STRANGERS
    tier = pick(random, _TIERS) if known else Tier.STANDARD
    language = pick(random, _LANGUAGES)
    verified = {kind for kind in (PHONE, EMAIL, OPENID) if random.random() >= _UNVERIFIED}
    has_push = random.random() < _PUSH
    name = _name(random, tier, language)
    member_id = f"{run}M-{no:05}" if known else None
    return Person(
        no=no,
        member_id=member_id,
        tier=tier,
        name=name,
        phone=_phone(run, no, trouble),
        email=f"{run}user{no:05}@mail.example.com",
        openid=f"{run}wx-{no:05}",
        verified=frozenset(verified | {PHONE} if trouble else verified) if known else frozenset(),
        language=language,
        push_token=f"{run}device-{no:05}-x" if known and has_push and not trouble else None,
        advisor=advisor if known and tier is Tier.ENTERPRISE else None,
    )


def _name(random: Random, tier: Tier, language: str) -> str:
    if tier is Tier.ENTERPRISE:
        return random.choice(cast().companies)
    if language == "en":
        return random.choice(cast().english_names)
    return random.choice(cast().surnames) + random.choice(cast().given_names)


def _phone(run: str, no: int, ending: str | None) -> str:
    """A mobile number of this run: 139, three digits of the run, five of the person, or a troubled ending."""
    of_run = int(hashlib.sha256(run.encode()).hexdigest(), 16) % 1000
    return f"+86139{of_run:03}" + (f"{no % 10}{ending}" if ending else f"{_quiet(no):05}")


def _quiet(no: int) -> int:
    """The no-th number that does not end in 99xx, where the carrier's troubles are."""
    block, rest = divmod(no, 9900)
    return (block * 10000 + rest) % 100_000
