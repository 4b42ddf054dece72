"""Whether somebody we trust vouches for who sent an action."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from shared.bus.record import Record
from shared.bus.unit_of_work import UnitOfWork
from shared.contracts.actions import ActionRequested
from shared.security.action_tokens import ACTION_TOKEN, ActionKeyError, ActionSignatures, ActionTokenError, ActionTokens

NOT_VOUCHED_FOR: Final = "not_vouched_for"
"""The code of the refusal."""


@dataclass(frozen=True, slots=True)
class Vouching:
    """``demand``: whether an action without a token is refused. One with a token that does not fit always is."""

    signatures: ActionSignatures
    demand: ActionTokens

    def __post_init__(self) -> None:
        if self.demand is ActionTokens.REQUIRED and not self.signatures.signers:
            raise ActionKeyError("KEFU_ACTION_TOKENS is required and KEFU_ACTION_KEYS is empty: nobody could act")

    def those_vouched_for(
        self, actions: Sequence[tuple[Record, ActionRequested]], work: UnitOfWork
    ) -> list[tuple[Record, ActionRequested]]:
        """The actions that may be judged; the others are refused."""
        trusted = []
        for record, action in actions:
            if (fault := self._fault(record, action)) is None:
                trusted.append((record, action))
            else:
                work.refuse(record, NOT_VOUCHED_FOR, f"the header {ACTION_TOKEN}: {fault}")
        return trusted

    def _fault(self, record: Record, action: ActionRequested) -> str | None:
        token = next((value for name, value in record.headers if name == ACTION_TOKEN and value), None)
        if token is None:
            return "it is missing" if self.demand is ActionTokens.REQUIRED else None
        source = record.envelope.source if record.envelope else ""
        try:
            self.signatures.check(token, action.actor, source=source, value=record.value or b"")
        except ActionTokenError as error:
            return str(error)
        return None
