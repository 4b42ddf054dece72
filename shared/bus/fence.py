"""Who may process which partition, and from where: offsets live in PostgreSQL, guarded by an epoch.

A claim raises the epoch and reads the next offset. Every batch moves its offsets by compare-and-set on both, in the
transaction of its effects; a zombie matches no row and rolls back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from aiokafka import TopicPartition

from shared.bus.errors import FenceLostError
from shared.bus.record import Record
from shared.database.connection import Connection

CLAIM: Final = """
insert into consumer_offset as o (topic, part, next_off, epoch, owner)
select topic, part, start, 1, $4 from unnest($1::text[], $2::int[], $3::bigint[]) as c (topic, part, start)
order by topic, part
on conflict (topic, part) do update set epoch = o.epoch + 1, owner = excluded.owner, changed_at = now()
returning topic, part, next_off, epoch
"""

# A stopped process wakes to find its connection gone, and its locks with it; a live one is never silent for so long.
TERMINATE_ORPHANED: Final = """
select count(pg_terminate_backend(pid)) from pg_stat_activity
where usename = current_user and datname = current_database() and pid <> pg_backend_pid()
  and xact_start is not null and wait_event_type = 'Client' and state_change < clock_timestamp() - interval '3 seconds'
  and application_name in (select distinct left('kefu-' || owner, 63) from consumer_offset
                           where (topic, part) in (select * from unnest($1::text[], $2::int[])))
"""

IMPATIENT: Final = "set local lock_timeout = '1s'"

LOCK_ORDER: Final = """
select 1 from consumer_offset where (topic, part) in (select * from unnest($1::text[], $2::int[]))
order by topic, part for update
"""

MOVE: Final = "update consumer_offset set next_off = $4 where topic = $1 and part = $2 and epoch = $3"

HOLD: Final = "select 1 from consumer_offset where topic = $1 and part = $2 and epoch = $3 for share"

POSITIONS: Final = """
select topic, part, epoch, next_off from consumer_offset
where (topic, part) in (select * from unnest($1::text[], $2::int[]))
"""

ADVANCE: Final = """
update consumer_offset o set next_off = v.new, changed_at = now()
from unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[], $5::bigint[]) as v (topic, part, epoch, expected, new)
where o.topic = v.topic and o.part = v.part and o.epoch = v.epoch and o.next_off = v.expected
returning now() as now, set_config('lock_timeout', $6, true)
"""


@dataclass(slots=True)
class Claim:
    """This process's right to a partition: the epoch it got, and the next offset it has to process."""

    epoch: int
    next_offset: int
    generation: int = 0
    """How often the partition was read anew."""


class Fence:
    """The claims of one process. In memory what it believes; the database has the last word."""

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self._claims: dict[TopicPartition, Claim] = {}

    @property
    def owner(self) -> str:
        """The name under which this process claims."""
        return self._owner

    @property
    def partitions(self) -> tuple[TopicPartition, ...]:
        """The partitions claimed now."""
        return tuple(self._claims)

    def share_of(self, topic: str) -> int:
        """How many partitions of a topic are claimed."""
        return sum(place.topic == topic for place in self._claims)

    def position(self, place: TopicPartition) -> int | None:
        """The next offset to process, or None when the partition is not claimed."""
        claim = self._claims.get(place)
        return claim.next_offset if claim else None

    def epoch(self, place: TopicPartition) -> int | None:
        """The epoch of the claim, or None when the partition is not claimed."""
        claim = self._claims.get(place)
        return claim.epoch if claim else None

    @property
    def generations(self) -> dict[TopicPartition, int]:
        """How often each partition claimed was read anew."""
        return {place: claim.generation for place, claim in self._claims.items()}

    async def hold_still(self, connection: Connection, place: TopicPartition) -> None:
        """Until the transaction ends nobody else claims this partition. Raises FenceLostError when somebody has."""
        epoch = self.epoch(place)
        if epoch is None or await connection.fetchval(HOLD, place.topic, place.partition, epoch) is None:
            raise FenceLostError(f"{place.topic}[{place.partition}] has a new owner")

    async def terminate_orphaned_transactions(self, connection: Connection, places: Iterable[TopicPartition]) -> int:
        """Ends transactions that former owners of these partitions left open in mid-air; returns how many.

        A process stopped in the middle of one holds its tickets, its lanes and the offsets themselves.
        """
        topics, parts = zip(*places, strict=True)
        return int(await connection.fetchval(TERMINATE_ORPHANED, topics, parts))

    async def claim(self, connection: Connection, starts: dict[TopicPartition, int]) -> dict[TopicPartition, Claim]:
        """Claims partitions; ``starts`` says where a partition never processed before begins.

        Waits for the running transaction of a previous owner, so that the offset it reads is final; when that takes
        longer than a second raises `asyncpg.LockNotAvailableError`: see then whether it was left open.
        """
        places = sorted(starts)
        topics, parts = [place.topic for place in places], [place.partition for place in places]
        await connection.execute(IMPATIENT)
        await connection.execute(LOCK_ORDER, topics, parts)
        rows = await connection.fetch(CLAIM, topics, parts, [starts[place] for place in places], self._owner)
        return {TopicPartition(row["topic"], row["part"]): Claim(row["epoch"], row["next_off"]) for row in rows}

    async def move(self, connection: Connection, place: TopicPartition, claim: Claim) -> None:
        """Sets the position of a partition just claimed, knowing that records in between are gone."""
        await connection.execute(MOVE, place.topic, place.partition, claim.epoch, claim.next_offset)

    def acquire(self, claims: dict[TopicPartition, Claim]) -> None:
        """From here on records of these partitions are processed."""
        self._claims.update(claims)

    def release(self, places: Iterable[TopicPartition]) -> None:
        """From here on records of these partitions are ignored."""
        for place in places:
            self._claims.pop(place, None)

    def mine(self, records: Sequence[Record]) -> tuple[Record, ...]:
        """The records that are this process's to handle: of claimed partitions, not processed before."""
        return tuple(
            record
            for record in records
            if (claim := self._claims.get(record.place)) and record.offset >= claim.next_offset
        )

    async def advance(
        self, connection: Connection, records: Sequence[Record], *, lock_timeout: str = "2s"
    ) -> "Advance":
        """Moves the offsets past ``records``. Raises FenceLostError when another process has claimed any of them.

        From here on the transaction waits for no lock longer than ``lock_timeout``.
        """
        ends = {record.place: record.offset + 1 for record in records}
        places = sorted(ends)
        try:
            claims = [self._claims[place] for place in places]
        except KeyError as lost:
            raise FenceLostError(f"{lost} was revoked") from None
        for record in records:
            # a batch may outlive its claim and find its partition claimed anew, further on, by this very process
            if record.offset < self._claims[record.place].next_offset:
                raise FenceLostError(f"{record.name} was processed by another owner in between")
        rows = await connection.fetch(
            ADVANCE,
            [place.topic for place in places],
            [place.partition for place in places],
            [claim.epoch for claim in claims],
            [claim.next_offset for claim in claims],
            [ends[place] for place in places],
            lock_timeout,
        )
        if len(rows) != len(places):
            raise FenceLostError(f"{len(places) - len(rows)} of {len(places)} partitions have a new owner")
        return Advance(rows[0]["now"], ends)

    async def confirm(self, connection: Connection, records: Sequence[Record]) -> bool:
        """Whether the database already stands behind ``records`` under our epoch: a commit whose answer got lost."""
        ends = {record.place: record.offset + 1 for record in records}
        rows = await connection.fetch(POSITIONS, [place.topic for place in ends], [place.partition for place in ends])
        found = {TopicPartition(row["topic"], row["part"]): (row["epoch"], row["next_off"]) for row in rows}
        claims = {place: self._claims[place].epoch for place in ends if place in self._claims}
        committed = all(found.get(place) == (claims.get(place), end) for place, end in ends.items())
        if committed:
            self.committed(Advance(datetime.now(UTC), ends))
        return committed

    def committed(self, advance: "Advance") -> None:
        """The transaction of ``advance`` is committed."""
        for place, end in advance.ends.items():
            if place in self._claims:
                self._claims[place].next_offset = end


@dataclass(frozen=True, slots=True)
class Advance:
    """What a batch moved: the transaction's time, and the next offset of each partition."""

    now: datetime
    ends: dict[TopicPartition, int]
