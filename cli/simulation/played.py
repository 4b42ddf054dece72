"""What was really done in a day: by this the topics are judged afterwards."""

from collections import Counter
from dataclasses import dataclass, field

from cli.simulation.ledger import ContactKey
from cli.simulation.log import Seen
from cli.tickets.view import TicketView
from shared.contracts.actions import ActionRequested


@dataclass(slots=True)
class Played:
    """What was really sent, by which the topics are judged afterwards, and the day so far.

    ``sent``: contact -> number of its matter; ``copies``: how many records those were; ``wrong``: the ids of actions
    that were not allowed; ``repeated``: actions that were published more than once.
    """

    sent: dict[ContactKey, int] = field(default_factory=dict)
    copies: int = 0
    poisons: int = 0
    actions: Counter[str] = field(default_factory=Counter)
    wrong: set[str] = field(default_factory=set)
    repeated: list[ActionRequested] = field(default_factory=list)
    tickets: dict[str, TicketView] = field(default_factory=dict)
    latest: list[Seen] = field(default_factory=list)
    started: float = 0.0
