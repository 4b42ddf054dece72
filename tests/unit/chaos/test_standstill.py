"""How long the flow stood still is read from the log."""

from dataclasses import replace

from tests.chaos.fault import Step
from tests.chaos.report import percentile, rows
from tests.chaos.standstill import Standstill, Struck, journeys, standstills
from tests.unit.chaos.entries import entry, notice

STEP = Step(1, "kill -9", "routing", 1, "", 0.0, 1.0)


def _standstills(*tickets: tuple[float, float]) -> list[Standstill]:
    """Of tickets by when their contact was sent and when they were routed."""
    sent = {f"c{number}": at for number, (at, _) in enumerate(tickets)}
    told = []
    for number, (at, routed) in enumerate(tickets):
        name = f"t{number}"
        told += [
            replace(entry("opened", name, contact_id=f"c{number}"), at=at + 0.1),
            replace(entry("promised", name), at=at + 0.2),
            replace(entry("queued", name), at=routed),
        ]
    return standstills(journeys(sent, told, []), [Struck(STEP, 100.0, 110.0)])


def test_the_standstill_is_the_longest_unusual_wait() -> None:
    """The standstill is what the slowest contact of the fault waited longer than is usual, and where."""
    (found,) = _standstills((90.0, 90.5), (91.0, 91.5), (100.0, 106.5), (104.0, 106.6), (112.0, 112.5))
    assert round(found.seconds, 3) == 6.0
    assert found.stage == "routed"


def test_a_fault_nobody_noticed_stood_nothing_still() -> None:
    """A fault nobody noticed stood nothing still."""
    (found,) = _standstills((90.0, 90.5), (101.0, 101.5))
    assert found.seconds < 0.001


def test_the_first_stage_is_the_cause() -> None:
    """What is late only because something before it was is not blamed."""
    sent = {"c1": 90.0, "c2": 100.0}
    told = [
        replace(entry(verb, f"t{number}", contact_id=f"c{number}"), at=sent[f"c{number}"] + number * number + 0.1)
        for number in (1, 2)
        for verb in ("opened", "promised", "queued")
    ]
    notices = [replace(notice("planned", ticket=f"t{number}"), at=sent[f"c{number}"] + 5) for number in (1, 2)]
    (found,) = standstills(journeys(sent, told, notices), [Struck(STEP, 100.0, 110.0)])
    assert (round(found.seconds, 3), found.stage) == (3.0, "opened")


def test_a_row_a_kind() -> None:
    """The table has the median, the 99th percentile and the longest of every kind."""
    found = [Standstill(Struck(STEP, 0, 1), float(second), "routed") for second in range(1, 101)]
    (row,) = rows(found)
    assert (row.kind, row.count, row.p50, row.p99, row.longest, row.where) == ("kill -9", 100, 50, 99, 100, "routed")


def test_every_percentile_of_one_value_is_it() -> None:
    """Of one value, every percentile is it."""
    assert percentile([3.0], 0.5) == percentile([3.0], 0.99) == 3.0
