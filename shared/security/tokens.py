"""Who is speaking over HTTP: JSON Web Tokens (RFC 7519), HS256 with ``KEFU_TOKEN_KEY``."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

import jwt

AUDIENCE: Final = "kefu-bus"
CLOCKS_DIFFER: Final = timedelta(minutes=5)
"""How far the clocks of the host that issued a token and of the one that reads it may be apart."""

_ALGORITHM: Final = "HS256"


class Role(StrEnum):
    """What a token allows its bearer to be."""

    MEMBER = "member"
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    OPERATOR = "operator"
    AUDITOR = "auditor"


class TokenError(ValueError):
    """The token is missing, expired, or not ours."""


@dataclass(frozen=True, slots=True)
class Principal:
    """The bearer of a valid token."""

    subject: str
    role: Role


def issue(key: str, subject: str, role: Role, *, valid_for: timedelta = timedelta(hours=12)) -> str:
    """A token for ``subject``. ``key``: base64 of at least 32 bytes, as in ``KEFU_TOKEN_KEY``."""
    now = datetime.now(UTC)
    claims = {"sub": subject, "role": role.value, "aud": AUDIENCE, "iat": now, "exp": now + valid_for}
    return jwt.encode(claims, base64.b64decode(key), _ALGORITHM)


def verify(key: str, token: str) -> Principal:
    """The bearer of ``token``. Raises TokenError with a reason."""
    try:
        claims = jwt.decode(
            token,
            base64.b64decode(key),
            [_ALGORITHM],
            audience=AUDIENCE,
            options={"require": ["sub", "exp", "role"]},
            leeway=CLOCKS_DIFFER,
        )
        return Principal(claims["sub"], Role(claims["role"]))
    except (jwt.PyJWTError, ValueError) as error:
        raise TokenError(f"the token is not valid: {error}") from None
