"""Whose token is taken, and for how long."""

import base64
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
import time_machine

from shared.security.tokens import AUDIENCE, ISSUER, Role, TokenError, TokenKeyError, Tokens

RAW = secrets.token_bytes(32)
TOKENS = Tokens(base64.b64encode(RAW).decode())
NOW = datetime(2026, 10, 15, 12, 0, tzinfo=UTC)
GOOD: dict[str, Any] = {
    "iss": ISSUER,
    "aud": AUDIENCE,
    "sub": "M1",
    "role": "member",
    "iat": int(NOW.timestamp()),
    "exp": int(NOW.timestamp()) + 3600,
}


def signed(**claims: Any) -> str:
    """A token with the right key and other claims; None leaves one out."""
    return jwt.encode({name: value for name, value in {**GOOD, **claims}.items() if value is not None}, RAW, "HS256")


@pytest.mark.parametrize("minutes", [-4, -2, 0, 3, 50])
def test_a_token_is_taken_by_clocks_some_minutes_apart(minutes: int) -> None:
    """A token just issued is taken by a host whose clock is a few minutes behind, or ahead of it."""
    with time_machine.travel(NOW, tick=False):
        token = TOKENS.issue("M1", Role.MEMBER, valid_for=timedelta(hours=1))
    with time_machine.travel(NOW + timedelta(minutes=minutes), tick=False):
        assert TOKENS.verify(token).subject == "M1"


@pytest.mark.parametrize(("seconds", "taken"), [(59, True), (85, True), (95, False), (240, False)])
def test_the_end_is_the_end(seconds: int, taken: bool) -> None:
    """A clock that differs by seconds is borne; no token lives minutes longer than it says."""
    with time_machine.travel(NOW, tick=False):
        token = TOKENS.issue("M1", Role.MEMBER, valid_for=timedelta(minutes=1))
    with time_machine.travel(NOW + timedelta(seconds=seconds), tick=False):
        if taken:
            assert TOKENS.verify(token).subject == "M1"
        else:
            with pytest.raises(TokenError, match="expired"):
                TOKENS.verify(token)


START = int(NOW.timestamp())


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": None},
        {"iss": "somebody-else"},
        {"aud": "another"},
        {"iat": None},
        {"exp": None},
        {"sub": None},
        {"role": None},
        {"role": "king"},
        {"sub": "\0"},
        {"sub": "M\0"},
        {"sub": "\ud800"},
        {"sub": ""},
        {"sub": "M" * 201},
        {"iat": START + 400},
        {"exp": START + 24 * 3600 + 1},
        {"exp": START + 10 * 365 * 86400},
        {"exp": 1e300},
        {"exp": str(START + 60)},
        {"iat": str(START)},
        {"iat": START - 30 * 86400},
        {"iat": True},
        {"nbf": START + 400},
    ],
)
def test_a_token_that_lacks_something(claims: dict[str, Any]) -> None:
    """Who issued it, to whom, when, and until when, each has to be there, be right, and be within bounds."""
    with time_machine.travel(NOW, tick=False):
        assert TOKENS.verify(signed()).subject == "M1"
        with pytest.raises(TokenError):
            TOKENS.verify(signed(**claims))


@pytest.mark.parametrize("off", [-61 * 60, 61 * 60, -400 * 86400, 400 * 86400])
def test_the_clock_of_the_host_does_not_matter(off: int) -> None:
    """By the clock that is given a token is valid from its issue to its end, whatever the host takes the time to be."""
    tokens = Tokens(base64.b64encode(RAW).decode(), clock=lambda: START + 100.0)
    with time_machine.travel(NOW + timedelta(seconds=off), tick=False):
        assert tokens.verify(signed()).subject == "M1"
        for wrong in ({"exp": START + 60}, {"iat": START + 401}, {"nbf": START + 401}):
            with pytest.raises(TokenError):
                tokens.verify(signed(**wrong))


def test_no_token_is_issued_that_is_not_taken() -> None:
    """One asked for longer than is taken is good for as long as is taken."""
    tokens = Tokens(base64.b64encode(RAW).decode(), longest=timedelta(minutes=10))
    assert tokens.verify(tokens.issue("M1", Role.MEMBER)).role is Role.MEMBER


@pytest.mark.parametrize("key", ["", "aw==", "change-me", base64.b64encode(b"k" * 32).decode()])
def test_a_weak_key_is_refused(key: str) -> None:
    """Nothing is signed or verified with it."""
    with pytest.raises(TokenKeyError, match="KEFU_TOKEN_KEY"):
        Tokens(key)
