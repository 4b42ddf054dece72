"""Due times: reservations nobody accepted, resolved tickets nobody objected to, and tickets of agents who went away."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from services.routing.domain.decision import ACCEPT
from services.routing.domain.time_outs import on_accept_due, on_agent_absent, on_close_due
from services.routing.rules.model import Rules
from services.routing.store.agents import forget_gone
from services.routing.store.tickets import lock_absent
from services.routing.use_cases.docket import Docket
from shared.bus.transactions import Transactions
from shared.bus.unit_of_work import UnitOfWork
from shared.timers.firing import fire_due
from shared.timers.timers import Timer

MOST: Final = 500


@dataclass(frozen=True, slots=True)
class TimeOuts:
    """``wake`` is told when tickets came back into their queues."""

    rules: Rules
    wake: Callable[[], None]

    async def due(self, transactions: Transactions) -> bool:
        """Acts on timers that are due."""
        return await fire_due(transactions, MOST, self._fire)

    async def _fire(self, work: UnitOfWork, timers: Sequence[Timer]) -> None:
        docket = await Docket.open(work, self.rules, [timer.ticket_id for timer in timers])
        await docket.lock_agents()
        for timer in timers:
            ticket = docket.tickets[timer.ticket_id]
            if timer.kind == ACCEPT:
                docket.decide(on_accept_due(ticket, work.now, self.rules), timer.cause)
            else:
                docket.decide(on_close_due(ticket, work.now), timer.cause)
        await docket.save()
        work.after_commit(self.wake)

    async def absent(self, transactions: Transactions) -> bool:
        """Takes back what absent agents hold, and forgets the agents that are gone for good."""
        async with transactions.begin() as work:
            ids = await lock_absent(work.connection, self.rules.patience.offline_grace_seconds, MOST)
            if not ids:
                await forget_gone(work.connection)
                return False
            docket = await Docket.open(work, self.rules, ids)
            await docket.lock_agents()
            for ticket_id in ids:
                ticket = docket.tickets[ticket_id]
                agent = docket.agents.get(ticket.agent_id or "")
                if agent is not None:
                    cause = f"absent/{ticket.key}/{ticket.attempt}"
                    docket.decide(on_agent_absent(ticket, agent, work.now, self.rules), cause)
            await docket.save()
            work.after_commit(self.wake)
        return len(ids) == MOST
