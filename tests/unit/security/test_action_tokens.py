"""A token vouches for the actor of one action, and for nothing else."""

import base64
import secrets
from typing import Any

import jwt
import pytest

from services.routing.use_cases.vouching import Vouching
from shared.contracts.actions import Actor
from shared.security.action_tokens import (
    LONGEST,
    ActionKeyError,
    ActionSignatures,
    ActionTokenError,
    ActionTokens,
)


def key() -> str:
    """A key as an operator makes it."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


DESK, OLD, PLATFORM = key(), key(), key()
NOW = 1_800_000_000.0
SIGNATURES = ActionSignatures(f"desk={DESK},desk={OLD},platform={PLATFORM}", clock=lambda: NOW)
AGENT, SYSTEM = Actor(kind="agent", id="A1"), Actor(kind="system", id="crm")
VALUE, SOURCE = b'{"action_id": "1"}', "/desk"
TOKEN = SIGNATURES.sign("desk", AGENT, source=SOURCE, value=VALUE)


def check(token: bytes = TOKEN, actor: Actor = AGENT, **changed: Any) -> None:
    """As routing would."""
    SIGNATURES.check(token, actor, **{"source": SOURCE, "value": VALUE, **changed})


def forged(with_key: str = DESK, **claims: Any) -> bytes:
    """A token with other claims."""
    good = jwt.decode(TOKEN, options={"verify_signature": False})
    told = {name: value for name, value in {**good, **claims}.items() if value is not None}
    return jwt.encode(told, base64.b64decode(with_key), "HS256").encode()


def test_a_signed_action_is_vouched_for() -> None:
    """Its signer, by the new key or the old one, a week long."""
    check()
    check(forged(OLD))
    check(forged(iat=NOW - LONGEST.total_seconds() + 1))
    check(SIGNATURES.sign("platform", SYSTEM, source=SOURCE, value=VALUE), SYSTEM)


@pytest.mark.parametrize(
    ("token", "changed"),
    [
        (TOKEN, {"actor": Actor(kind="agent", id="A2")}),
        (TOKEN, {"actor": Actor(kind="supervisor", id="A1")}),
        (TOKEN, {"value": VALUE + b" "}),
        (TOKEN, {"source": "/another"}),
        (TOKEN, {"source": ""}),
        (b"", {}),
        (b"a.b.c", {}),
        (b"\xff\xfe", {}),
        (forged(PLATFORM), {}),
        (forged(key()), {}),
        (forged(iss="platform"), {}),
        (forged(iss="crm"), {}),
        (forged(iss=None), {}),
        (forged(aud="kefu-bus"), {}),
        (forged(sub=None), {}),
        (forged(dig=None), {}),
        (forged(iat=NOW - LONGEST.total_seconds() - 1), {}),
        (forged(iat=NOW + 3600), {}),
        (forged(iat=float("nan")), {}),
        (forged(iat="soon"), {}),
        (forged(iat=True), {}),
        (jwt.encode(jwt.decode(TOKEN, options={"verify_signature": False}), "", "none").encode(), {}),
        (SIGNATURES.sign("desk", SYSTEM, source=SOURCE, value=VALUE), {"actor": SYSTEM}),
    ],
)
def test_whatever_differs_is_not_vouched_for(token: bytes, changed: dict[str, Any]) -> None:
    """Another actor, action, source, time, key or signer: a copied token is worth nothing, a forged one less."""
    with pytest.raises(ActionTokenError):
        check(token, **changed)


@pytest.mark.parametrize("keys", ["desk", "desk=", "desk=aw==", "=", f"{DESK}"], ids=range(5))
def test_an_unusable_key_is_refused_at_start(keys: str) -> None:
    """A signer without a key nobody could guess is none."""
    with pytest.raises(ActionKeyError, match="KEFU_ACTION_KEYS"):
        ActionSignatures(keys)


def test_nobody_to_vouch_is_a_mistake_where_it_is_needed() -> None:
    """A service that would refuse every action does not start."""
    with pytest.raises(ActionKeyError, match="nobody could act"):
        Vouching(ActionSignatures(""), ActionTokens.REQUIRED)
