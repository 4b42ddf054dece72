"""How often somebody may ask, or post."""

from shared.http.rate_limit import Allowance, RateLimit, network_of


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_is_allowed_then_the_rate() -> None:
    """A full bucket gives its burst; an empty one gives as much as flows in."""
    clock = Clock()
    limit = RateLimit(Allowance(2.0, 3), clock=clock)
    assert [limit.wait("chat") for _ in range(4)] == [0, 0, 0, 1]
    clock.now += 1
    assert [limit.wait("chat") for _ in range(3)] == [0, 0, 1]


def test_it_says_how_long_to_wait() -> None:
    """The answer is whole seconds, after which there is a token."""
    clock = Clock()
    limit = RateLimit(Allowance(0.25, 1), clock=clock)
    assert limit.wait("chat") == 0
    assert limit.wait("chat") == 4
    clock.now += 4
    assert limit.wait("chat") == 0


def test_a_bucket_never_holds_more_than_its_burst() -> None:
    """A quiet night does not allow a flood in the morning."""
    clock = Clock()
    limit = RateLimit(Allowance(10.0, 2), clock=clock)
    limit.wait("chat")
    clock.now += 3600
    assert [limit.wait("chat") for _ in range(3)] == [0, 0, 1]


def test_channels_do_not_slow_each_other() -> None:
    """One channel's flood leaves the others alone."""
    limit = RateLimit(Allowance(1.0, 1), clock=Clock())
    assert [limit.wait("chat"), limit.wait("chat"), limit.wait("email")] == [0, 1, 0]


def test_a_minute_and_a_day_both_hold() -> None:
    """So many a minute and a day for one asker, whatever others do; a new minute begins anew."""
    now = [0.0]
    limit = RateLimit(Allowance.per_minute(2), Allowance.per_day(3), clock=lambda: now[0])
    assert [limit.wait("a") for _ in range(2)] == [0, 0]
    assert 0 < limit.wait("a") <= 61
    assert limit.wait("b") == 0
    now[0] = 60.0
    assert limit.wait("a") > 60


def test_a_limit_takes_fixed_memory() -> None:
    """Whoever invents askers makes nothing grow; the ones that ask go on being counted."""
    limit = RateLimit(Allowance.per_minute(2), Allowance.per_day(100), names=1000, clock=lambda: 0.0)
    for number in range(20_000):
        limit.wait(str(number))
        limit.wait("busy")
    assert limit.wait("busy") > 0
    assert all(len(buckets._buckets) == 1000 for buckets in limit._buckets)


def test_what_is_ours_does_not_count() -> None:
    """A question that is forgiven leaves as many as before."""
    limit = RateLimit(Allowance.per_minute(1), Allowance.per_day(2), clock=lambda: 0.0)
    for _ in range(10):
        assert limit.wait("a") == 0
        limit.forgive("a")


def test_neighbours_share_a_limit() -> None:
    """Addresses of one network count together, an IPv4 address the same however it is written."""
    assert network_of("::ffff:203.0.113.7") == network_of("203.0.113.250") != network_of("::ffff:198.51.100.7")
    assert network_of("fe80::1%eth0") == network_of("fe80::2")
    assert network_of("203.0.113.7") == network_of("203.0.113.250")
    assert network_of("2001:db8:0:1::1") == network_of("2001:db8:0:ff::1")
    assert network_of(None) == network_of("nonsense")
