"""The plan of a run is a pure function of its seed."""

from collections import Counter

from tests.chaos.faults import ALL, BY_NAME
from tests.chaos.plan import plan


def test_a_seed_is_a_run() -> None:
    """The same seed gives the same steps, another one other steps."""
    assert plan(1, 50, ALL) == plan(1, 50, ALL)
    assert plan(1, 50, ALL) != plan(2, 50, ALL)


def test_every_kind_of_fault_comes_in_a_long_run() -> None:
    """A long run has every kind of fault, a likelier one more often."""
    kinds = Counter(step.kind for step in plan(3, 300, ALL))
    assert kinds.keys() == BY_NAME.keys()
    assert kinds["kill -9"] > kinds["broker kill -9"] >= 5


def test_a_short_run_has_every_kind_once() -> None:
    """With as many steps as kinds, each kind comes once."""
    assert len({step.kind for step in plan(4, len(ALL), ALL)}) == len(ALL)


def test_what_a_fault_offers() -> None:
    """A step keeps to the services, seconds and details of its fault."""
    for step in plan(5, 200, ALL):
        fault = BY_NAME[step.kind]
        assert step.service in fault.services
        assert step.detail in fault.details
        assert fault.seconds[0] <= step.seconds <= fault.seconds[1]
        assert step.replica in (1, 2)
