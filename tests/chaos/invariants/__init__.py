"""What must be true after a run, however it went. Each is a pure function of the evidence."""

from collections.abc import Callable
from typing import Final

from tests.chaos.invariants.capacity import within_capacity
from tests.chaos.invariants.effects import (
    assignments_once,
    escalations_once,
    one_amendment_each,
    one_ticket_a_contact,
    promises_once,
)
from tests.chaos.invariants.identity import ids_unique
from tests.chaos.invariants.letters import garbage_kept, nothing_else_refused
from tests.chaos.invariants.order import causes_first
from tests.chaos.invariants.rest import everybody_works, everything_on_its_way, no_lag, outboxes_empty
from tests.chaos.invariants.sends import sent_once
from tests.chaos.invariants.verdict import Evidence, Verdict

ALL: Final[tuple[Callable[[Evidence], Verdict], ...]] = (
    *(one_ticket_a_contact, one_amendment_each, everything_on_its_way),
    *(promises_once, assignments_once, escalations_once, within_capacity),
    *(ids_unique, causes_first, sent_once),
    *(garbage_kept, nothing_else_refused),
    *(outboxes_empty, no_lag, everybody_works),
)
