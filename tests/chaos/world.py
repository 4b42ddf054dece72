"""Who writes, who works, and what about: a pure function of the seed and a contact's number."""

from dataclasses import dataclass
from itertools import islice
from random import Random
from typing import Any, Final

from cli.simulation.people import Person, people
from cli.simulation.texts import CHINESE, texts
from shared.contracts.reference import AgentChanged
from shared.contracts.vocabulary import Channel, Presence, ProblemType, Team

Json = dict[str, Any]

ADVISOR: Final = "A01"
FRONTLINE: Final = 20
SEATS: Final = 6
"""Tickets one agent of the frontline holds at once: few enough that whoever stood still has to queue."""

_TEAMS: Final = {Team.SUPERVISOR: 4, Team.TECHNICAL: 3, Team.OPERATIONS: 3}
_TEAM_SEATS: Final = 10
_ADVISOR_SEATS: Final = 30
_CONTACTS_A_MEMBER: Final = 20
_FIRST_ORDER: Final = 20261015000000
_AMENDED, _COPIED = 0.1, 0.05
_SLOTS: Final = {"product": "A游戏点卡", "amount": "50", "bought": "昨天14点5分"}
_TEXTS: Final = tuple(text for matter in texts().matters.values() for text in matter.first[CHINESE])
_TRANSFERS: Final = ("complaint", "general", "refund")


@dataclass(frozen=True, slots=True)
class Matter:
    """What one ticket will be about, and what people will do with it. ``climbs``: the level on which somebody cares
    about a ticket that is ``late``; ``after``: what its member does when it is solved."""

    no: int
    person: Person
    contact_id: str
    order_no: str
    text: str
    channel: Channel
    copies: int
    amended: bool
    late: bool
    climbs: int
    first: str
    second: str
    after: str

    @property
    def amendment_id(self) -> str:
        """The id of its further contact."""
        return f"{self.contact_id}-more"


class World:
    """The members, the agents, and matters by number."""

    def __init__(self, seed: int, contacts: int) -> None:
        self.seed = seed
        count = max(60, contacts // _CONTACTS_A_MEMBER)
        crowd = people("", Random(f"people/{seed}"), ADVISOR)
        self.members = list(islice((one for one in crowd if one.member_id is not None), count))
        self.agents = tuple(_agents())

    def matter(self, no: int) -> Matter:
        """The no-th matter. Each names an order of its own, so each is a ticket of its own."""
        random = Random(f"matter/{self.seed}/{no}")
        person = random.choice(self.members)
        channel = random.choice([one for one in Channel if person.known_on(one)])
        order = f"KA{_FIRST_ORDER + no}"
        text = random.choice(_TEXTS)
        if "{order}" not in text:
            text += " 订单号{order}"
        return Matter(
            no=no,
            person=person,
            contact_id=f"c{no:06}",
            order_no=order,
            text=text.format(order=order, **_SLOTS),
            channel=channel,
            copies=2 if random.random() < _COPIED else 1,
            amended=random.random() < _AMENDED,
            late=person.tier == "enterprise" and random.random() < 0.4,
            climbs=random.randint(1, 3),
            first=_one_of(random, decline=4, ignore=2, accept=94),
            second=_one_of(random, wait=6, transfer=5, correct=4, resolve=85),
            after=_one_of(random, close=20, appeal=5, reopen=4, nothing=71),
        )

    def contact(self, matter: Matter) -> Json:
        """What begins it, as its channel hands it over."""
        return self._contact(matter, matter.contact_id, matter.text)

    def amendment(self, matter: Matter) -> Json:
        """What is written about it once more."""
        return self._contact(matter, matter.amendment_id, f"还是没有解决,请尽快,订单号{matter.order_no}")

    def _contact(self, matter: Matter, contact_id: str, text: str) -> Json:
        sender = matter.person.sender(matter.channel)
        chat = matter.channel is Channel.CHAT
        return {
            "contact_id": contact_id,
            "channel": matter.channel.value,
            "received_at": "2026-10-15T18:00:00+08:00",
            "sender": {"kind": sender.kind, "value": sender.value},
            "member_id": matter.person.member_id if chat else None,
            "authenticated": chat,
            "text": text,
        }


def other_queue(matter: Matter) -> str:
    """Where a ticket is transferred to."""
    return _TRANSFERS[matter.no % len(_TRANSFERS)]


def other_type(matter: Matter, problem_type: str) -> str:
    """What an agent corrects the problem type to."""
    others = [one for one in ProblemType if one != problem_type]
    return others[matter.no % len(others)]


def _one_of(random: Random, **weights: int) -> str:
    return random.choices(list(weights), list(weights.values()))[0]


def _agents() -> list[AgentChanged]:
    agents = [_agent(f"A{number:02}", Team.FRONTLINE, SEATS) for number in range(2, FRONTLINE + 2)]
    agents.append(_agent(ADVISOR, Team.FRONTLINE, _ADVISOR_SEATS))
    for team, count in _TEAMS.items():
        agents += [_agent(f"{team.value[0].upper()}{number:02}", team, _TEAM_SEATS) for number in range(1, count + 1)]
    return agents


def _agent(agent_id: str, team: Team, capacity: int) -> AgentChanged:
    return AgentChanged(
        agent_id=agent_id, name=agent_id, team=team, capacity=capacity, presence=Presence.ONLINE, version=1
    )
