"""Is this yours: one spelling for whatever people paste, and limits for who asks too much."""

import pytest

from services.notify.domain.verifying import Answer
from services.notify.rate_limit import RateLimit, network_of
from services.notify.verification import Verification
from shared.contracts.ticket_numbers import ticket_number
from shared.security.sealing import Sealer
from tests.unit.notify.samples import NOW, POLICY

VERIFICATION = Verification(POLICY.directory, Sealer([b"k" * 32]))


def _ask(value: str, tier: str | None = None) -> Answer:
    return VERIFICATION.ask(value, tier=tier, now=NOW).answer


@pytest.mark.parametrize(
    "value",
    [
        "400-555-0100",
        "4005550100",
        " 400 555 0100 ",
        "+86 400-555-0100",
        "0086(400)5550100",
        "４００－５５５－０１００",
        "https://kefu.example.com/official",
        "HTTP://Kefu.Example.COM/official/?from=ad#top",
        "kefu.example.com/official",
        "Support@Kefu.Example.com",
        "mailto:support@kefu.example.com",
        "/me/official-support",
    ],
)
def test_ours(value: str) -> None:
    """However it is written, what is ours is official."""
    assert _ask(value) is Answer.OFFICIAL


@pytest.mark.parametrize(
    "value",
    [
        "400-555-0101",
        "8400-555-0100",
        "400-555-01",
        "https://kefu.example.com.evil.example/official",
        "https://kefu.example.com@evil.example/official",
        "https://kеfu.example.com/official",
        "support@kefu.example.com.evil.example",
        "",
        "\x00",
        "https://" + "a" * 70 + ".com",
        "https://..",
        "字" * 1000,
    ],
)
def test_not_ours(value: str) -> None:
    """What only looks like ours is not, and nonsense is answered too."""
    assert _ask(value) is Answer.NOT_IN_DIRECTORY


@pytest.mark.parametrize("value", ["QQ:800055566", "qq 800055566", "800055566", "QQ号800055566"])
def test_messenger_of_a_tier(value: str) -> None:
    """A tier's own account is official to that tier alone."""
    assert _ask(value, "gold") is Answer.OFFICIAL
    assert _ask(value, "silver") is Answer.NOT_IN_DIRECTORY
    assert _ask(value) is Answer.NOT_IN_DIRECTORY


@pytest.mark.parametrize("value", ["482913", ticket_number(42, NOW), f" {ticket_number(42, NOW).lower()} "])
def test_only_after_login(value: str) -> None:
    """Call codes and ticket numbers are judged by their form: whether one exists is told nobody here."""
    assert _ask(value) is Answer.LOGIN_TO_CHECK


def test_rate_limit() -> None:
    """So many a minute and a day for one asker, whatever others do; a new minute begins anew."""
    now = [0.0]
    limit = RateLimit(per_minute=2, per_day=3, clock=lambda: now[0])
    assert [limit.wait("a") for _ in range(2)] == [0, 0]
    assert 0 < limit.wait("a") <= 61
    assert limit.wait("b") == 0
    now[0] = 60.0
    assert limit.wait("a") > 60


def test_neighbours_share_a_limit() -> None:
    """Addresses of one network count together."""
    assert network_of("203.0.113.7") == network_of("203.0.113.250")
    assert network_of("2001:db8:0:1::1") == network_of("2001:db8:0:ff::1")
    assert network_of(None) == network_of("nonsense")
