"""Tokens between hosts whose clocks differ."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from shared.security.tokens import Role, TokenError, issue, verify

KEY = base64.b64encode(b"k" * 32).decode()
NOW = datetime(2026, 10, 15, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("minutes", [-4, -2, 3, 4])
def test_clocks_minutes_apart(minutes: int) -> None:
    """A token just issued is taken by a host whose clock is a few minutes behind, or ahead."""
    with time_machine.travel(NOW, tick=False):
        token = issue(KEY, "M1", Role.MEMBER, valid_for=timedelta(minutes=1))
    with time_machine.travel(NOW + timedelta(minutes=minutes), tick=False):
        assert verify(KEY, token).subject == "M1"


def test_expired() -> None:
    """A token whose time was over long ago is refused."""
    with time_machine.travel(NOW, tick=False):
        token = issue(KEY, "M1", Role.MEMBER, valid_for=timedelta(minutes=1))
    with time_machine.travel(NOW + timedelta(minutes=10), tick=False), pytest.raises(TokenError):
        verify(KEY, token)
