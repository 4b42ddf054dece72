"""Plays a scenario: hands over what members write, lets agents do what they do, and watches until all is settled."""

import asyncio
import contextlib
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cli.kafka_log import log_tail
from cli.simulation.agenda import Agenda, Deed
from cli.simulation.desk import Desk, Intent
from cli.simulation.log import Places, Seen, lives
from cli.simulation.matters import Letter, Matter
from cli.simulation.outside import Outside, contact_key
from cli.simulation.people import Person
from cli.simulation.played import Played
from cli.simulation.poison import Poison
from cli.simulation.scenario import Scenario
from cli.simulation.texts import Colleague
from cli.tickets.view import TicketView
from shared.bus.tail import Tail
from shared.contracts.actions import ActionRequested, Actor
from shared.contracts.ids import new_id
from shared.contracts.reference import AgentChanged, OrderChanged
from shared.contracts.tickets import TicketAssigned, TicketEvent, TicketOpened
from shared.contracts.vocabulary import ActionKind, ActorKind, Presence

_SOON_MINUTES: Final = 30
_SHOWN_LATEST: Final = 6


@dataclass(frozen=True, slots=True)
class Pace:
    """``day``: seconds the day takes; ``minute``: seconds of one of its minutes; ``patience``: seconds after the day's
    last contact for what is still under way; ``is_real``: promises are in real time, however quick people are."""

    day: float
    minute: float
    patience: float
    is_real: bool = False


class Player:
    """One day. ``played`` grows while ``play`` runs, for whoever shows progress."""

    def __init__(self, scenario: Scenario, outside: Outside, servers: str, pace: Pace) -> None:
        self._scenario = scenario
        self._outside = outside
        self._servers = servers
        self._pace = pace
        self._agenda = Agenda()
        self._desk = Desk(scenario.agents, pace.minute)
        self._matters = {letter.contact_id: matter for _, matter in scenario.matters for letter in matter.letters}
        self._of_ticket: dict[str, Matter] = {}
        self._versions = Counter[str]()
        self.played = Played()

    async def prepare(self) -> None:
        """The platform tells of its members, orders and agents."""
        persons = list(self._scenario.persons())
        members = filter(None, map(Person.as_member, persons))
        orders = (matter.order for _, matter in self._scenario.matters)
        await self._outside.tell(members)
        await self._outside.tell(order for order in orders if isinstance(order, OrderChanged))
        await self._outside.tell(self._agent(agent_id, one.presence) for agent_id, one in self._scenario.agents.items())
        await self._outside.settled()

    async def play(self, starts: Places) -> None:
        """The whole day; returns when everything that was begun is settled, or patience is over."""
        loop = asyncio.get_running_loop()
        self.played.started = begin = loop.time()
        self._enter_all(begin)
        async with log_tail(self._servers) as tail:
            following = asyncio.create_task(self._follow(tail, starts))
            doing = asyncio.create_task(self._agenda.run())
            ending = asyncio.create_task(self._until_settled(begin))
            tasks = (following, doing, ending)
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in tasks:
                    if task.done():
                        task.result()
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
        await self._outside.settled()

    async def go_home(self) -> None:
        """All agents of this run sign off, for good."""
        await self._outside.tell(self._agent(agent_id, Presence.OFFLINE) for agent_id in self._scenario.agents)
        await self._outside.settled()

    def _enter_all(self, begin: float) -> None:
        day = self._pace.day
        for share, matter in self._scenario.matters:
            self._agenda.at(begin + share * day, self._handing_over(matter.first))
        for place, (share, poison) in enumerate(self._scenario.poisons):
            # On the partition of somebody who writes: what is good must get through all the same.
            victim = self._scenario.matters[place % len(self._scenario.matters)][1].first
            self._agenda.at(begin + share * day, self._poisoning(poison, victim))
        for agent_id, one in self._scenario.agents.items():
            self._enter_agent(begin, agent_id, one)
        if self._scenario.poisons:
            self._agenda.at(begin + self._scenario.poisons[0][0] * day, self._act_on_nothing)

    def _enter_agent(self, begin: float, agent_id: str, one: Colleague) -> None:
        for share, presence in ((one.leaves, Presence.OFFLINE), (one.returns, Presence.ONLINE)):
            if share is not None:
                self._agenda.at(begin + share * self._pace.day, self._signing(agent_id, presence))

    async def _follow(self, tail: Tail, starts: Places) -> None:
        async with contextlib.aclosing(lives(tail, starts)) as seen_ones:
            async for seen in seen_ones:
                event = seen.decoded.event
                if isinstance(event, TicketEvent):
                    self._happened(seen, event)

    def _happened(self, seen: Seen, event: TicketEvent) -> None:
        if isinstance(event, TicketOpened) and (matter := self._matters.get(event.contact_id)):
            self._of_ticket.setdefault(event.ticket_id, matter)
        ours = self._of_ticket.get(event.ticket_id)
        if ours is None:
            if isinstance(event, TicketAssigned):
                self._enter(self._desk.strangers(event), TicketView(event.ticket_id))
            return
        ticket = self.played.tickets.setdefault(event.ticket_id, TicketView(event.ticket_id))
        told = len(ticket.story)
        ticket.apply(seen.decoded.envelope, event, seen.offset)
        if len(ticket.story) > told:
            self.played.latest = [*self.played.latest[1 - _SHOWN_LATEST :], seen]
            self._enter(self._desk.reactions(event, ticket, ours), ticket)

    def _enter(self, intents: list[Intent], ticket: TicketView) -> None:
        for intent in intents:
            self._agenda.after(intent.seconds, self._carrying_out(intent, ticket))

    def _carrying_out(self, intent: Intent, ticket: TicketView) -> Deed:
        async def carry_out() -> None:
            if not intent.still(ticket):
                return
            if intent.letter is not None:
                await self._hand_over(intent.letter)
            if intent.act is not None:
                await self._act(intent.act, intent.times, wrong=intent.wrong)

        return carry_out

    def _handing_over(self, letter: Letter) -> Deed:
        return lambda: self._hand_over(letter)

    async def _hand_over(self, letter: Letter) -> None:
        matter = self._matters[letter.contact_id]
        self.played.sent[letter.channel, letter.contact_id] = matter.no
        self.played.copies += letter.copies
        await self._outside.hand_over(letter)

    def _poisoning(self, poison: Poison, victim: Letter) -> Deed:
        async def publish() -> None:
            self.played.poisons += 1
            await self._outside.poison(poison, contact_key(victim.as_contact(datetime.now(UTC))))

        return publish

    def _signing(self, agent_id: str, presence: Presence) -> Deed:
        return lambda: self._outside.tell([self._agent(agent_id, presence)])

    def _agent(self, agent_id: str, presence: Presence) -> AgentChanged:
        self._versions[agent_id] += 1
        one = self._scenario.agents[agent_id]
        return AgentChanged(
            agent_id=agent_id,
            name=one.name,
            team=one.team,
            skills=one.skills,
            languages=one.languages,
            capacity=one.capacity,
            presence=presence,
            version=self._versions[agent_id],
        )

    async def _act_on_nothing(self) -> None:
        """Somebody answers a ticket there is not."""
        agent_id = next(iter(self._scenario.agents))
        action = ActionRequested(
            action_id=str(new_id()),
            ticket_id=str(new_id()),
            actor=Actor(kind=ActorKind.AGENT, id=agent_id),
            kind=ActionKind.ACCEPT,
        )
        await self._act(action, 1, wrong=True)

    async def _act(self, action: ActionRequested, times: int, *, wrong: bool) -> None:
        self.played.actions[action.kind] += times
        if wrong:
            self.played.wrong.add(action.action_id)
        if times > 1:
            self.played.repeated.append(action)
        await self._outside.act(action, times)

    async def _until_settled(self, begin: float) -> None:
        loop = asyncio.get_running_loop()
        last = begin + self._scenario.matters[-1][0] * self._pace.day
        while loop.time() < last + self._pace.patience:
            self._outside.complain()
            if loop.time() > last and len(self.played.tickets) >= len(self._scenario.matters) and self._is_quiet():
                return
            await asyncio.sleep(0.2)

    def _is_quiet(self) -> bool:
        """Nobody works on anything, and nobody means to do anything soon. Who waits may wait until tomorrow."""
        if any(ticket.is_open and ticket.state != "waiting" for ticket in self.played.tickets.values()):
            return False
        soon = asyncio.get_running_loop().time() + _SOON_MINUTES * self._pace.minute
        return self._agenda.next_moment is None or self._agenda.next_moment > soon
