"""What failed is halved until only the guilty record is left: everything else is done, once, in order, in few tries."""

import math
from dataclasses import dataclass, field

from aiokafka import TopicPartition
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.bus.portions import Portions
from shared.bus.record import Record

MOST = 64


def record(partition: int, offset: int) -> Record:
    return Record("t", partition, offset, b"k", b"v", (), 0, None, None, None)


@dataclass
class World:
    """Records of some partitions; a try over them fails for the guilty, the locked, and whatever is too much."""

    lengths: list[int]
    guilty: set[tuple[int, int]]
    locked: dict[tuple[int, int], float]
    most_at_once: int
    now: float = 0.0
    tries: int = 0
    done: list[tuple[int, int]] = field(default_factory=list)
    given_up: list[tuple[int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.records = [record(at, offset) for at, length in enumerate(self.lengths) for offset in range(length)]

    def left(self) -> list[Record]:
        """What is neither done nor given up, in the order of partitions."""
        over = {*self.done, *self.given_up}
        return [one for one in self.records if (one.partition, one.offset) not in over]

    def work(self, portions: Portions) -> None:
        """Until nothing is left, as the bus does it."""
        while left := self.left():
            portion = portions.next(left, self.now)
            if not portion:
                self.now += 1.0
                continue
            self.tries += 1
            assert self.tries < 100_000
            names = [(one.partition, one.offset) for one in portion]
            locked = [name for name in names if self.locked.get(name, 0.0) > self.now]
            guilty = [name for name in names if name in self.guilty]
            if not (locked or guilty or len(portion) > self.most_at_once):
                self.done += names
                portions.passed(portion)
                continue
            portions.failed(portion, too_much=len(portion) > self.most_at_once)
            if len(portion) == 1 and guilty:
                self.given_up += names
                portions.passed(portion)
            elif len(portion) == 1 and locked:
                portions.put_off(portion[0], "locked", self.now)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    lengths = draw(st.lists(st.integers(0, 40), min_size=1, max_size=6))
    names = [(partition, offset) for partition, length in enumerate(lengths) for offset in range(length)]
    chosen = st.sets(st.sampled_from(names), max_size=5) if names else st.just(set())
    locked = {name: draw(st.floats(0, 30)) for name in draw(chosen)}
    return World(lengths, draw(chosen), locked, draw(st.integers(1, MOST)))


@settings(deadline=None)
@given(worlds())
def test_everything_is_done_once_and_in_order_but_the_guilty(world: World) -> None:
    """Whoever is guilty, locked or too much together, nothing innocent is given up, left out, doubled or overtaken."""
    world.work(Portions(MOST))
    everything = {(partition, offset) for partition, length in enumerate(world.lengths) for offset in range(length)}
    assert set(world.given_up) == world.guilty
    assert sorted(world.done) == sorted(everything - world.guilty)
    for partition in range(len(world.lengths)):
        in_order = [offset for at, offset in world.done if at == partition]
        assert in_order == sorted(in_order)


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 500), st.sets(st.integers(0, 499), max_size=6))
def test_the_guilty_are_found_in_few_tries(length: int, guilty: set[int]) -> None:
    """Each costs what it takes to halve the batch to one and to double it again, and not a try for each neighbour."""
    world = World([length], {(0, offset) for offset in guilty if offset < length}, {}, 500)
    world.work(Portions(500))
    assert world.tries <= 1 + len(world.guilty) * 3 * (math.log2(500) + 1)


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 500), st.integers(1, 100))
def test_a_batch_that_is_too_much_is_done_in_parts(length: int, most_at_once: int) -> None:
    """However little passes at once, it all passes, in parts half as large as they could be; few are tried in vain."""
    world = World([length], set(), {}, most_at_once)
    world.work(Portions(500))
    parts = math.ceil(length / max(1, most_at_once // 2))
    assert len(world.done) == length
    assert world.tries <= 20 + parts * 1.2


def test_a_locked_record_holds_up_its_partition_alone() -> None:
    """While one record waits, all others of other partitions are done; it is tried again ever more rarely."""
    world = World([10, 10, 10], set(), {(1, 4): 100.0}, 500)
    portions = Portions(500)
    while portion := portions.next(world.left(), 0.0):
        if any((one.partition, one.offset) == (1, 4) for one in portion):
            portions.failed(portion)
            if len(portion) == 1:
                portions.put_off(portion[0], "locked", 0.0)
        else:
            world.done += [(one.partition, one.offset) for one in portion]
            portions.passed(portion)
    assert [(one.partition, one.offset) for one in world.left()] == [(1, offset) for offset in range(4, 10)]
    assert portions.reasons() == {TopicPartition("t", 1): "locked"}


def test_a_partition_that_waits_is_tried_again_ever_more_rarely() -> None:
    """What was put off comes back after a while that grows to some seconds, and is forgotten with its partition."""
    portions = Portions(500)
    now, waits = 0.0, []
    for _ in range(10):
        portions.put_off(record(1, 4), "locked", now)
        assert portions.next([record(1, 4), record(2, 0)], now) == [record(2, 0)]
        begun = now
        while not portions.next([record(1, 4)], now):
            now += 0.05
        waits.append(now - begun)
    assert waits == sorted(waits)
    assert waits[0] < 0.2
    assert 4 < waits[-1] < 6
    portions.forget([TopicPartition("t", 2)])
    assert portions.reasons() == {}
