"""Actions that came before their ticket: carried out when it is there, refused when it does not come."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from services.routing.rules.model import Rules
from services.routing.store.pending_actions import expired, lock_arrived, pending_of
from services.routing.use_cases.carry_out import carry_out
from services.routing.use_cases.command import named_agents
from services.routing.use_cases.docket import Docket
from services.routing.use_cases.keep_actions import release_kept
from shared.bus.errors import RecordRefusedError
from shared.bus.transactions import Transactions
from shared.bus.unit_of_work import GivenUp
from shared.security.sealing import Sealer

MOST: Final = 200


@dataclass(frozen=True, slots=True)
class KeptActions:
    """A batch carries out kept actions itself when it sees their ticket; this is for those two batches let slip."""

    rules: Rules
    sealer: Sealer
    wake: Callable[[], None]

    async def step(self, transactions: Transactions) -> bool:
        """One round over what is kept. Actions that cannot be carried out, which shows half-way, are then refused."""
        given_up: dict[str, GivenUp] = {}
        while True:
            try:
                return await self._round(transactions, given_up)
            except RecordRefusedError as refused:
                if refused.record_name in given_up:
                    raise
                # One that is refused only now, half-way through, has undone the round; the next one refuses it before
                # it is judged.
                given_up[refused.record_name] = GivenUp(refused.reason, str(refused), attempts=1)

    async def _round(self, transactions: Transactions, given_up: dict[str, GivenUp]) -> bool:
        async with transactions.begin(given_up) as work:
            arrived = await lock_arrived(work.connection, MOST)
            docket = await Docket.open(work, self.rules, arrived)
            pending = await pending_of(work.connection, arrived) if arrived else []
            late = await expired(work.connection, MOST)
            if not (pending or late):
                return False
            commands = await release_kept(work, [*pending, *late], self.sealer)
            await docket.lock_agents(named_agents(commands))
            await carry_out(docket, commands, self.sealer, may_wait=False)
            await docket.save()
            work.after_commit(self.wake)
        return len(late) == MOST
