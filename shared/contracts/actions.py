"""``support.action.v1``: what desks, external CRMs and members ask to be done with a ticket."""

from typing import Annotated

from shared.contracts.contacts import Text
from shared.contracts.model import Fact, Identifier, Time, known
from shared.contracts.vocabulary import ActionKind, ActorKind


class Actor(Fact):
    """Who acts. Routing checks the kind against what the action allows."""

    kind: Annotated[str, known(ActorKind)]
    id: Identifier


class ActionRequested(Fact):
    """A command. A repeat of ``action_id`` changes nothing; one that is not allowed is refused with a reason.

    ``text`` goes with answer, resolve and transfer; ``reason`` with decline, reopen, appeal; ``on`` with wait
    (member, supplier, internal); ``to`` with transfer (an agent or a queue) and correct_type (a problem type).
    """

    action_id: Identifier
    ticket_id: Identifier
    actor: Actor
    kind: Annotated[str, known(ActionKind)]
    text: Text | None = None
    reason: Text | None = None
    on: str | None = None
    to: str | None = None
    at: Time | None = None
