"""What ends more than a try: the partitions, one record, or this process."""

from aiokafka import TopicPartition


class FenceLostError(Exception):
    """Another process owns these partitions now. Whatever this one did in the transaction is rolled back."""


class RecordsLostError(Exception):
    """A log is not what we remember, and a person has to know: records were removed unread, or it is another log."""

    @classmethod
    def at(cls, place: TopicPartition, what: str, expected: int, start: int, end: int) -> "RecordsLostError":
        """With what a person has to know: ``expected`` is our next offset; the log lies from ``start`` to ``end``."""
        return cls(
            f"{place.topic}[{place.partition}] is not what it was ({what}): it is processed up to {expected}, and now "
            f"lies from {start} to {end}. What is missing is the life of tickets that other services go on from. To go "
            f"on with what is there, set KEFU_BUS_ON_LOST_RECORDS=continue for one start."
        )


class HaltedError(Exception):
    """Whatever comes fails in the handler. Consuming stops until a person has looked."""


class RecordRefusedError(Exception):
    """What one record asks for cannot be done, which its batch found out half-way; the batch is done without it.

    ``reason`` is a short code, the message tells a person what is wrong.
    """

    def __init__(self, record_name: str, reason: str, message: str) -> None:
        super().__init__(message)
        self.record_name = record_name
        self.reason = reason
