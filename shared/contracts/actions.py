"""``support.action.v1``: what desks, external CRMs and members ask to be done with a ticket."""

from typing import Annotated

from pydantic import Field

from shared.contracts.contacts import Text
from shared.contracts.model import Fact, Identifier, Time, known
from shared.contracts.vocabulary import ActionKind, ActorKind, WaitingOn, taken_with


class Actor(Fact):
    """Who acts. Routing checks the kind against what the action allows."""

    kind: Annotated[str, known(ActorKind)]
    id: Identifier


class ActionRequested(Fact):
    """A command. ``action_id`` is unique to its ``ce_source``: a repeat changes nothing, one used again for another
    command is refused, and so is a command that is not allowed, each with a reason."""

    action_id: Identifier
    ticket_id: Identifier
    actor: Actor
    kind: Annotated[str, known(ActionKind)]
    text: Annotated[Text | None, Field(description=taken_with("text"))] = None
    reason: Annotated[Text | None, Field(description=taken_with("reason"))] = None
    on: Annotated[str | None, Field(description=taken_with("on", ", ".join(WaitingOn)))] = None
    to: Annotated[str | None, Field(description=taken_with("to", "an agent or a queue; a problem type"))] = None
    at: Time | None = None
