"""What stops a service is what a bad deploy looks like, and nothing an outsider alone can send."""

import pytest

from shared.bus.bad_deploy import DeadLetterLimit
from shared.bus.errors import HaltedError
from shared.bus.record import Record
from shared.contracts.envelope import Envelope

LIMIT = 5


def record(key: str | None, partition: int = 0, type_: str = "opened") -> Record:
    envelope = Envelope("id", "source", type_)
    return Record("t", partition, 7, key.encode() if key else None, b"v", (), 0, envelope, None, None)


def test_many_keys_that_fail_alike_stop_it() -> None:
    """One error for more keys than the limit, over several partitions, without success in between."""
    limit = DeadLetterLimit(LIMIT)
    for number in range(LIMIT):
        limit.failed(record(f"k{number}", number % 3), KeyError("x"), claimed=12)
    with pytest.raises(HaltedError, match="6 keys in a row failed with KeyError"):
        limit.failed(record("one more"), KeyError("x"), claimed=12)


def test_the_only_partition_of_a_process_is_enough() -> None:
    """Who has one partition of the topic cannot wait for failures in another."""
    limit = DeadLetterLimit(LIMIT)
    for number in range(LIMIT):
        limit.failed(record(f"k{number}"), KeyError("x"), claimed=1)
    with pytest.raises(HaltedError):
        limit.failed(record("one more"), KeyError("x"), claimed=1)


@pytest.mark.parametrize(
    "records",
    [
        [record("same") for _ in range(100)],
        [record("same", number % 12) for number in range(100)],
        [record(None, number % 3) for number in range(100)],
        [record(f"k{number}", 4) for number in range(100)],
        [record(f"k{number}", number, f"type{number}") for number in range(100)],
    ],
    ids=["one key", "one key on all partitions", "no key", "one partition", "nothing in common"],
)
def test_what_one_outsider_does_stops_nothing(records: list[Record]) -> None:
    """Failures of one key, of one partition, or with nothing in common are dead letters, however many."""
    limit = DeadLetterLimit(LIMIT)
    for one in records:
        limit.failed(one, KeyError("x"), claimed=12)


def test_a_success_of_the_same_kind_counts_anew() -> None:
    """Where others of its kind succeed, the deploy is good; the success of another kind shows nothing."""
    limit = DeadLetterLimit(LIMIT)
    for number in range(100):
        limit.failed(record(f"k{number}", number % 12), KeyError("x"), claimed=12)
        if number % LIMIT == 0:
            limit.succeeded([record("good")])
    limit = DeadLetterLimit(LIMIT)
    for number in range(LIMIT):
        limit.failed(record(f"k{number}", number), KeyError("x"), claimed=12)
        limit.succeeded([record("good", type_="another")])
    with pytest.raises(HaltedError):
        limit.failed(record("one more"), KeyError("x"), claimed=12)


def test_different_errors_are_not_one_deploy() -> None:
    """Each error is counted by itself."""
    limit = DeadLetterLimit(LIMIT)
    for number in range(2 * LIMIT):
        limit.failed(record(f"k{number}", number), KeyError("x") if number % 2 else ValueError("y"), claimed=12)
