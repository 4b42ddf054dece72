"""The whole day before it begins: the same for the same seed."""

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random
from typing import Final

from cli.simulation.chance import chance, pick
from cli.simulation.channels import EMAIL, OPENID, PHONE
from cli.simulation.matters import Matter, Writer
from cli.simulation.people import Person, people
from cli.simulation.poison import Poison, poison
from cli.simulation.texts import CHINESE, Colleague, cast, texts
from cli.simulation.treatment import After, Mischief
from shared.contracts.vocabulary import Channel, Tier

CONTACTS_OF_A_MATTER: Final = 1.42
"""Contacts of one matter on average, repeated ones counted: follow-ups, replies, thanks, copies."""

_AGAIN: Final = 0.1
_STORY: Final = 4
_TEN_TIMES: Final = 6
_MISCHIEF: Final = {9: Mischief.WRONG_AGENT, 14: Mischief.UNKNOWN_KIND, 19: Mischief.REPEAT}
_POISON_UNTIL: Final = 0.7
_TRIES: Final = 20
_LATE_UNTIL: Final = 0.85

Profile = Callable[[float], float]
"""When in the day a matter comes up, as a share of it, by its place among all of them (0 to 1)."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """Matters and poison with their moment, as a share of the day; agents with their ids in this run."""

    run: str
    agents: dict[str, Colleague]
    matters: tuple[tuple[float, Matter], ...]
    poisons: tuple[tuple[float, Poison], ...]

    def persons(self) -> Iterator[Person]:
        """Everybody who writes, each once."""
        yield from {matter.person.no: matter.person for _, matter in self.matters}.values()


def evenly(place: float) -> float:
    """A day without a rush."""
    return place


def busy(place: float) -> float:
    """A day with a rush around noon and a quiet evening: the times at which 0, 40, 65 and 100 of a hundred are in."""
    corners = ((0.0, 0.0), (0.4, 0.36), (0.65, 0.46), (1.0, 0.78))
    for (x, at), (next_x, next_at) in itertools.pairwise(corners):
        if place <= next_x:
            return at + (place - x) / (next_x - x) * (next_at - at)
    return corners[-1][1]


def scenario(
    *,
    run: str,
    seed: int,
    contacts: int,
    now: datetime,
    profile: Profile = evenly,
    teams: int = 1,
    garbage: bool = True,
    lateness: bool = True,
) -> Scenario:
    """About ``contacts`` contacts. ``run`` stands before all ids; ``teams``: how often the team is there;
    ``garbage``: what no channel should publish is between; ``lateness``: some agents are late on purpose."""
    random = chance(seed, "day")
    agents = {f"{run}{one.id}" + (f"-{team}" if team else ""): one for team in range(teams) for one in cast().agents}
    advisors = [agent_id for agent_id, one in agents.items() if one.advisor]
    count = max(1, round(contacts / CONTACTS_OF_A_MATTER))
    crowd = _Crowd(people(run, chance(seed, "people"), random.choice(advisors)))
    writer = Writer(run, random)
    matters = [_special(no, count, _matter(no, writer, crowd, random, now)) for no in range(1, count + 1)]
    matters = _second_matters(matters, writer, random, now)
    if not lateness:
        matters = [_in_time(matter) for matter in matters]
    poisons = list(poison(run, now)) if garbage else []
    return Scenario(
        run=run,
        agents=agents,
        matters=tuple((profile((matter.no - 1) / count), matter) for matter in matters),
        poisons=tuple(((place + 1) * _POISON_UNTIL / len(poisons), one) for place, one in enumerate(poisons)),
    )


class _Crowd:
    """People to choose from: the next one, or the next one of a kind."""

    def __init__(self, source: Iterator[Person]) -> None:
        self._source = source
        self._spare: list[Person] = []

    def next(self, fits: Callable[[Person], bool] = lambda _: True) -> Person:
        for place, person in enumerate(self._spare):
            if fits(person):
                return self._spare.pop(place)
        for person in self._source:
            if fits(person):
                return person
            self._spare.append(person)
        raise AssertionError("people come without end")


def _matter(no: int, writer: Writer, crowd: _Crowd, random: Random, now: datetime) -> Matter:
    if no == _STORY:
        return _story(no, writer, crowd, now)
    kinds = {name: said.share for name, said in texts().matters.items()}
    kind = pick(random, kinds)
    tier = texts().matters[kind].tier
    person = crowd.next(lambda one: tier is None or (one.tier is tier and one.member_id is not None))
    matter = writer.matter(no, kind, person, now)
    if tier is None:
        return matter
    late = matter.treatment.late_minutes or 20
    return replace(matter, treatment=replace(matter.treatment, late_minutes=late, wait_on=None))


def _story(no: int, writer: Writer, crowd: _Crowd, now: datetime) -> Matter:
    """One that is sure to see everything: asked again by telephone, late, up the ladder, and appealed against."""
    everywhere = frozenset({PHONE, EMAIL, OPENID})
    person = crowd.next(
        lambda one: one.tier is Tier.GOLD and one.verified == everywhere and one.language == CHINESE and one.can_push
    )
    matter = writer.matter(no, "void_card_key", person, now, channel=Channel.CHAT)
    nudge = replace(
        matter.first,
        contact_id=f"{matter.first.contact_id[:-1]}2",
        channel=Channel.PHONE,
        way=writer.way(Channel.PHONE),
        text=texts().matters[matter.kind].nudge[CHINESE][0],
        order_no=None,
        copies=1,
    )
    return replace(
        matter,
        further=(*(one for one in matter.further if one[1].contact_id != nudge.contact_id), (9.0, nudge)),
        treatment=replace(
            matter.treatment, declines=1, passes=0, late_minutes=45, climbs=1, wait_on=None, after=After.APPEAL
        ),
    )


def _special(no: int, count: int, matter: Matter) -> Matter:
    if no == _TEN_TIMES:
        return replace(matter, first=replace(matter.first, copies=10))
    if no in _MISCHIEF:
        calm = replace(matter.treatment, late_minutes=None, climbs=0, wait_on=None, mischief=_MISCHIEF[no])
        return replace(matter, treatment=calm)
    if no > _LATE_UNTIL * count:
        # What goes wrong late in the day would not be over by its end.
        return _in_time(matter)
    return matter


def _in_time(matter: Matter) -> Matter:
    return replace(matter, treatment=replace(matter.treatment, passes=0, late_minutes=None, climbs=0))


def _second_matters(matters: list[Matter], writer: Writer, random: Random, now: datetime) -> list[Matter]:
    """Some people have a second matter, about another order. Then both say which order, and neither is asked back:
    words that name no order could belong to either."""
    plain = [no for no, one in enumerate(matters) if one.names_order and not one.further and one.first.copies < 10]
    pairs = min(math.floor(_AGAIN * len(matters)), len(plain) // 2)
    chosen = random.sample(plain, 2 * pairs)
    for one, other in zip(chosen[:pairs], chosen[pairs:], strict=True):
        earlier, later = sorted((one, other))
        second = _naming_order(writer, matters[later], matters[earlier].person, now)
        if second is not None:
            matters[earlier], matters[later] = _brief(matters[earlier]), _brief(second)
    return matters


def _naming_order(writer: Writer, matter: Matter, person: Person, now: datetime) -> Matter | None:
    """The matter as this person would write it, if they come to name the order."""
    if texts().matters[matter.kind].tier is not None:
        return None
    written = (writer.matter(matter.no, matter.kind, person, now) for _ in range(_TRIES))
    return next((replace(one, treatment=matter.treatment) for one in written if one.names_order), None)


def _brief(matter: Matter) -> Matter:
    calm = replace(
        matter.treatment,
        wait_on=None,
        after=After.CLOSE if matter.treatment.after is After.THANKS else matter.treatment.after,
    )
    return replace(matter, further=(), reply=None, thanks=None, treatment=calm)
