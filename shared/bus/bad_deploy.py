"""The limit that stops a service which would give up on everything: a bad deploy, and not bad input."""

from aiokafka import TopicPartition

from shared.bus.errors import HaltedError
from shared.bus.record import Record
from shared.failures import describe

Kind = tuple[str, str]
"""A topic and a type of event."""


class DeadLetterLimit:
    """Counts the keys whose records the handler failed with one error, without one of their kind succeeding in between.

    A bad deploy fails whatever comes. A hostile channel fails its own records, which honest ones of the same kind lie
    between; one broken ticket fails under one key, however often. So none of these stops a service.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._failures: dict[Kind, dict[str, dict[bytes | int, TopicPartition]]] = {}

    def failed(self, record: Record, error: BaseException, claimed: int) -> None:
        """One more record failed, of a process with so many partitions. Raises HaltedError beyond the limit."""
        name = type(error).__name__
        places = self._failures.setdefault(_kind(record), {}).setdefault(name, {})
        places[record.key if record.key is not None else record.partition] = record.place
        if len(places) > self._most and (len(set(places.values())) > 1 or claimed == 1):
            raise HaltedError(
                f"the records of {len(places)} keys in a row failed with {name}, the last one {record.name}: "
                f"{describe(error)}. Mend the cause and restart; nothing of them is lost."
            )

    def succeeded(self, records: list[Record]) -> None:
        """The handler took these."""
        if self._failures:
            for kind in {_kind(record) for record in records}:
                self._failures.pop(kind, None)


def _kind(record: Record) -> Kind:
    return record.topic, record.envelope.type if record.envelope else ""
