"""How often a channel may post."""

from shared.http.token_buckets import TokenBuckets


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_is_allowed_then_the_rate() -> None:
    """A full bucket gives its burst; an empty one gives as much as flows in."""
    clock = Clock()
    buckets = TokenBuckets(2.0, 3, clock=clock)
    assert [buckets.take("chat") for _ in range(4)] == [0, 0, 0, 1]
    clock.now += 1
    assert [buckets.take("chat") for _ in range(3)] == [0, 0, 1]


def test_it_says_how_long_to_wait() -> None:
    """The answer is whole seconds, after which there is a token."""
    clock = Clock()
    buckets = TokenBuckets(0.25, 1, clock=clock)
    assert buckets.take("chat") == 0
    assert buckets.take("chat") == 4
    clock.now += 4
    assert buckets.take("chat") == 0


def test_a_bucket_never_holds_more_than_its_burst() -> None:
    """A quiet night does not allow a flood in the morning."""
    clock = Clock()
    buckets = TokenBuckets(10.0, 2, clock=clock)
    buckets.take("chat")
    clock.now += 3600
    assert [buckets.take("chat") for _ in range(3)] == [0, 0, 1]


def test_channels_do_not_slow_each_other() -> None:
    """One channel's flood leaves the others alone."""
    buckets = TokenBuckets(1.0, 1, clock=Clock())
    assert [buckets.take("chat"), buckets.take("chat"), buckets.take("email")] == [0, 1, 0]
