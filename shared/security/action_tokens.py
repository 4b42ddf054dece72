"""Who sent an action: a token in a header (``kefu_action_token``) by which a desk or the platform vouches for it.

A JSON Web Token (RFC 7519), HS256, with the key its signer has in ``KEFU_ACTION_KEYS``. It is good for one record: it
holds the SHA-256 of the value and the ``ce_source`` beside it, so that whoever reads it on the topic can do nothing
with it but say the same action again, which changes nothing. It is therefore not short-lived, and a backlog makes none
expire.
"""

import hashlib
import time
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from typing import Final

import jwt

from shared.contracts.actions import Actor
from shared.contracts.vocabulary import ActorKind
from shared.security.strength import WeakSecretError, key_from_base64

ACTION_TOKEN: Final = "kefu_action_token"  # noqa: S105 - the name of a header
PLATFORM: Final = "platform"
"""The signer whose word ``system`` needs."""

AUDIENCE: Final = "kefu-action"
LONGEST: Final = timedelta(days=7)
"""How long after it was signed an action is obeyed: less long than is remembered which were."""
CLOCKS_DIFFER: Final = timedelta(minutes=5)

_ALGORITHM: Final = "HS256"
_CLAIMS: Final = ("iss", "sub", "role", "iat", "src", "dig")


class ActionTokens(StrEnum):
    """What is done about an action without a token: it is refused, or taken at its word."""

    REQUIRED = "required"
    OPTIONAL = "optional"


class ActionKeyError(ValueError):
    """KEFU_ACTION_KEYS is not <signer>=<base64 of 32 bytes or more>, comma-separated, or is needed and empty."""


class ActionTokenError(ValueError):
    """The token does not vouch for this action. The message says why."""


class ActionSignatures:
    """Signs and verifies. A signer named twice has two keys, so that one can be replaced without a gap.

    ``longest``: for how long it is remembered which actions were obeyed.
    """

    def __init__(self, keys: str, *, longest: timedelta = LONGEST, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._longest = min(longest, LONGEST)
        self._keys: dict[str, list[bytes]] = {}
        for entry in (part.strip() for part in keys.split(",") if part.strip()):
            signer, _, key = entry.partition("=")
            try:
                self._keys.setdefault(signer, []).append(key_from_base64(key))
            except WeakSecretError as error:
                what = f"KEFU_ACTION_KEYS is <signer>=<base64 of 32 bytes or more>, comma-separated: {error}"
                raise ActionKeyError(what) from None

    @property
    def signers(self) -> frozenset[str]:
        """Who may sign."""
        return frozenset(self._keys)

    def sign(self, signer: str, actor: Actor, *, source: str, value: bytes) -> bytes:
        """A token for one record."""
        claims = {
            "iss": signer,
            "aud": AUDIENCE,
            "sub": actor.id,
            "role": actor.kind,
            "iat": int(self._clock()),
            "src": source,
            "dig": hashlib.sha256(value).hexdigest(),
        }
        return jwt.encode(claims, self._keys[signer][0], _ALGORITHM).encode()

    def check(self, token: bytes, actor: Actor, *, source: str, value: bytes) -> None:
        """Returns if the token vouches for ``actor`` in this very record; else ActionTokenError says what is wrong."""
        claims = self._claims(token)
        if (claims["role"], claims["sub"]) != (actor.kind, actor.id):
            raise ActionTokenError("it is for another actor than the action names")
        if actor.kind == ActorKind.SYSTEM and claims["iss"] != PLATFORM:
            raise ActionTokenError(f"only the signer {PLATFORM!r} speaks for the system")
        if (claims["src"], claims["dig"]) != (source, hashlib.sha256(value).hexdigest()):
            raise ActionTokenError("it was made for another action; it holds the SHA-256 of the value, and ce_source")
        issued, now = claims["iat"], self._clock()
        if isinstance(issued, bool) or not isinstance(issued, int | float):
            raise ActionTokenError("its iat is no time")
        if not now - self._longest.total_seconds() <= issued <= now + CLOCKS_DIFFER.total_seconds():
            raise ActionTokenError(f"it was not made within the last {self._longest}")

    def _claims(self, token: bytes) -> dict[str, object]:
        try:
            signer = jwt.decode(token, options={"verify_signature": False}).get("iss")
            keys = self._keys.get(signer, []) if isinstance(signer, str) else []
        except (jwt.PyJWTError, ValueError) as error:
            raise ActionTokenError(f"it cannot be read: {error}") from None
        for key in keys:
            try:
                return dict(jwt.decode(token, key, [_ALGORITHM], audience=AUDIENCE, options=_OPTIONS))
            except jwt.InvalidSignatureError:
                continue
            except (jwt.PyJWTError, ValueError, OverflowError) as error:
                raise ActionTokenError(f"it is not valid: {error}") from None
        raise ActionTokenError("no signer of ours signed it")


_OPTIONS: Final[jwt.types.Options] = {
    "require": list(_CLAIMS),
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
}
