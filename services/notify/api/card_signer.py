"""Contact cards: what a member may use, signed (compact JWS, EdDSA, RFC 7515 and 8037) and good for fifteen minutes."""

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.notify.domain.directory import DirectoryEntry
from shared.contracts.ids import new_id
from shared.security.strength import key_from_base64

GOOD_FOR: Final = timedelta(minutes=15)
"""Longer than a page stays open, too short for a card that is passed on to vouch for a stranger's story."""
ISSUER: Final = "kefu-bus"
AUDIENCE: Final = "app"
TYPE: Final = "contact-card+jwt"


class CardKeyError(ValueError):
    """KEFU_CARD_KEY is not one or more base64 keys of 32 bytes."""


class CardSigner:
    """Signs with the first key; publishes all, so that cards signed before a rotation still verify."""

    def __init__(self, keys: str) -> None:
        try:
            seeds = [key_from_base64(key.strip()) for key in keys.split(",") if key.strip()]
            self._keys = [Ed25519PrivateKey.from_private_bytes(seed) for seed in seeds]
        except ValueError as error:
            raise CardKeyError(f"KEFU_CARD_KEY must hold base64 keys of 32 bytes: {error}") from None
        if not self._keys:
            raise CardKeyError("KEFU_CARD_KEY is empty; try: openssl rand -base64 32")

    def sign(
        self,
        *,
        subject: str,
        tier: str,
        problem_type: str | None,
        entries: Sequence[DirectoryEntry],
        locale: str,
        now: datetime,
    ) -> str:
        """A card for the member known as ``subject``, a pseudonym."""
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject,
            "iat": now,
            "exp": now + GOOD_FOR,
            "jti": str(new_id()),
            "tier": tier,
            "problem_type": problem_type,
            "channels": [channel(entry, locale) for entry in entries],
        }
        key = self._keys[0]
        return jwt.encode(claims, key, "EdDSA", headers={"typ": TYPE, "kid": _key_id(key)})

    def public_keys(self) -> dict[str, Any]:
        """The public keys as a JSON Web Key Set (RFC 7517)."""
        return {
            "keys": [
                {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": _key_id(key), "x": _public(key)}
                for key in self._keys
            ]
        }


def channel(entry: DirectoryEntry, locale: str) -> dict[str, Any]:
    """An entry as it stands on a card."""
    return {
        "id": entry.id,
        "kind": entry.kind.value,
        "value": entry.value,
        "label": entry.label(locale),
        "hours": entry.hours,
    }


def _public(key: Ed25519PrivateKey) -> str:
    raw = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _key_id(key: Ed25519PrivateKey) -> str:
    return hashlib.sha256(_public(key).encode()).hexdigest()[:16]
