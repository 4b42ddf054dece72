"""How one matter will be treated by agents and member, drawn before the day begins."""

from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Final

from cli.simulation.chance import pick
from shared.contracts.vocabulary import WaitingOn

_CLIMBS: Final = {0: 60, 1: 25, 2: 15}


class After(StrEnum):
    """What happens once it is solved."""

    NOTHING = "nothing"
    THANKS = "thanks"
    APPEAL = "appeal"
    REOPEN = "reopen"
    CLOSE = "close"


class Mischief(StrEnum):
    """What somebody does that is not allowed, or twice."""

    WRONG_AGENT = "wrong_agent"
    UNKNOWN_KIND = "unknown_kind"
    REPEAT = "repeat"


@dataclass(frozen=True, slots=True)
class Treatment:
    """Minutes are those of the day that is played, seconds are of the hand and real.

    The first ``declines`` offers are declined, the next ``passes`` let pass. ``late``: so long after the promise the
    agent would answer; until then the ladder climbs, and its first ``climbs`` levels do nothing either.
    """

    declines: int = 0
    passes: int = 0
    accept_seconds: float = 0.4
    answer_minutes: float = 10
    late_minutes: float | None = None
    climbs: int = 0
    wait_on: WaitingOn | None = None
    wait_minutes: float = 10
    solve_minutes: float = 15
    after: After = After.NOTHING
    after_minutes: float = 10
    mischief: Mischief | None = None


def treatment(random: Random, *, asks: bool, supplier: bool, thanks: bool, member: bool) -> Treatment:
    """A treatment as they come: most are quick, some wait, a few go wrong.

    ``asks``: there is something to ask the member; ``supplier``: one has to be waited for now and then; ``thanks``:
    the member has words of thanks; ``member``: the member is known, so that they may appeal.
    """
    late = random.random() < 0.06
    waits = {None: 70, WaitingOn.MEMBER: 20 if asks else 0, WaitingOn.SUPPLIER: 14 if supplier else 2}
    afters = {
        After.NOTHING: 62,
        After.CLOSE: 22,
        After.THANKS: 9 if thanks else 0,
        After.APPEAL: 3 if member else 0,
        After.REOPEN: 2 if member else 0,
    }
    return Treatment(
        declines=int(random.random() < 0.06),
        passes=int(random.random() < 0.04),
        accept_seconds=random.uniform(0.2, 1.0),
        answer_minutes=random.triangular(2, 30, 6),
        late_minutes=random.uniform(10, 60) if late else None,
        climbs=pick(random, _CLIMBS) if late else 0,
        wait_on=None if late else pick(random, waits),
        wait_minutes=random.uniform(6, 25),
        solve_minutes=random.triangular(2, 30, 8),
        after=pick(random, afters),
        after_minutes=random.uniform(5, 20),
    )
