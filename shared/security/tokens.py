"""Who is speaking over HTTP: JSON Web Tokens (RFC 7519), HS256 with ``KEFU_TOKEN_KEY``."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Final

import jwt
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.contracts.model import is_identifier
from shared.security.strength import WeakSecretError, checked, key_from_base64

AUDIENCE: Final = "kefu-bus"
ISSUER: Final = "kefu-bus"

CLOCKS_DIFFER: Final = timedelta(minutes=5)
"""How far ahead the clock of the host that issued a token may be of the one that reads it."""

ENDS_LATE: Final = timedelta(seconds=30)
"""How long after its end a token is still taken. Short, since this makes every token live longer."""

_ALGORITHM: Final = "HS256"
_REQUIRED: Final = ("iss", "sub", "role", "iat", "exp")


class Role(StrEnum):
    """What a token allows its bearer to be."""

    MEMBER = "member"
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    OPERATOR = "operator"
    AUDITOR = "auditor"


class TokenError(ValueError):
    """The token is missing, expired, or not ours."""


class TokenKeyError(ValueError):
    """KEFU_TOKEN_KEY is not base64 of at least 32 bytes that chance made."""


@dataclass(frozen=True, slots=True)
class Principal:
    """The bearer of a valid token. ``subject`` is an id as the contract has them."""

    subject: str
    role: Role


class TokenSettings(BaseSettings):
    """What a service that reads tokens is told of them, beside its other settings."""

    model_config = SettingsConfigDict(env_prefix="KEFU_", frozen=True, hide_input_in_errors=True)

    token_key: Annotated[SecretStr, checked(key_from_base64)] = Field(
        description="verifies the tokens of people: base64 of at least 32 bytes"
    )
    token_issuer: str = Field(ISSUER, min_length=1, description="who issues the tokens of people: their iss")
    token_longest_hours: float = Field(
        24.0, gt=0, description="the longest life of a token that is taken: exp less iat"
    )


class Tokens:
    """Issues and verifies. ``key``: base64 of at least 32 bytes, as in ``KEFU_TOKEN_KEY``; TokenKeyError otherwise."""

    def __init__(
        self,
        key: str,
        *,
        issuer: str = ISSUER,
        longest: timedelta = timedelta(hours=24),
        clock: Callable[[], float] = time.time,
    ) -> None:
        try:
            self._key = key_from_base64(key)
        except WeakSecretError as error:
            raise TokenKeyError(f"KEFU_TOKEN_KEY is not a key: {error}; try: openssl rand -base64 32") from None
        self._issuer = issuer
        self._longest = longest
        self._clock = clock

    @classmethod
    def from_settings(cls, settings: TokenSettings, *, clock: Callable[[], float] = time.time) -> "Tokens":
        """As the environment says."""
        return cls(
            settings.token_key.get_secret_value(),
            issuer=settings.token_issuer,
            longest=timedelta(hours=settings.token_longest_hours),
            clock=clock,
        )

    def issue(self, subject: str, role: Role, *, valid_for: timedelta = timedelta(hours=12)) -> str:
        """A token for ``subject``, good for as long as is taken at most."""
        now = self._now()
        claims = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "sub": subject,
            "role": role.value,
            "iat": now,
            "exp": now + min(valid_for, self._longest),
        }
        return jwt.encode(claims, self._key, _ALGORITHM)

    def verify(self, token: str) -> Principal:
        """The bearer of ``token``. Raises TokenError with a reason."""
        try:
            claims = jwt.decode(
                token,
                self._key,
                [_ALGORITHM],
                audience=AUDIENCE,
                issuer=self._issuer,
                # its own look at the times would be by the clock of this host
                options={"require": list(_REQUIRED), "verify_exp": False, "verify_iat": False, "verify_nbf": False},
            )
            self._check_life(claims)
            if not is_identifier(claims["sub"]):
                raise TokenError("its subject is not an id")
            return Principal(claims["sub"], Role(claims["role"]))
        except (jwt.PyJWTError, ValueError, OverflowError) as error:
            raise TokenError(f"the token is not valid: {error}") from None

    def _check_life(self, claims: dict[str, Any]) -> None:
        issued, ends = (_moment(claims[name]) for name in ("iat", "exp"))
        begins = max(issued, _moment(claims.get("nbf", claims["iat"])))
        now = self._now()
        if now >= ends + ENDS_LATE:
            raise TokenError("it has expired")
        if now + CLOCKS_DIFFER < begins:
            raise TokenError("it is not valid yet")
        if ends - issued > self._longest:
            raise TokenError(f"it is good for longer than {self._longest}, which no token is")

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)


def _moment(claim: object) -> datetime:
    if isinstance(claim, bool) or not isinstance(claim, int | float):
        raise TokenError("its times are not numbers")
    return datetime.fromtimestamp(claim, UTC)
