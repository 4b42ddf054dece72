"""Signatures of webhooks as Standard Webhooks 1.0 has them (standardwebhooks.com), symmetric scheme ``v1``."""

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Callable, Sequence
from typing import Final

PREFIX: Final = "whsec_"
TOLERANCE_SECONDS: Final = 5 * 60
_MOST_SIGNATURES: Final = 10
_LEAST_KEY_BYTES: Final = 16


class WebhookSecretError(ValueError):
    """KEFU_CHANNEL_SECRET is not one or more secrets of the form whsec_<base64 of 16 bytes or more>."""


class SignatureError(ValueError):
    """The request is not signed by a holder of the secret, or too old. The message says which."""


class WebhookVerifier:
    """Checks signatures. ``keys``: any of them may have signed, so that a secret can be replaced without a gap."""

    def __init__(self, keys: Sequence[bytes], *, clock: Callable[[], float] = time.time) -> None:
        self._keys = tuple(keys)
        self._clock = clock

    @classmethod
    def from_secrets(cls, secrets: str, *, clock: Callable[[], float] = time.time) -> "WebhookVerifier":
        """Reads the form of ``KEFU_CHANNEL_SECRET``."""
        return cls([key_of(secret.strip()) for secret in secrets.split(",")], clock=clock)

    def verify(self, message_id: str | None, timestamp: str | None, signatures: str | None, body: bytes) -> None:
        """Returns if the three headers and the body fit together. Raises SignatureError with the reason."""
        if not message_id or not timestamp or not signatures:
            given = {"webhook-id": message_id, "webhook-timestamp": timestamp, "webhook-signature": signatures}
            lacking = ", ".join(name for name, value in given.items() if not value)
            raise SignatureError(f"the request is not signed: {lacking} is missing")
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
            raise SignatureError("webhook-timestamp is not a number of seconds since 1970")
        off = int(timestamp) - self._clock()
        if abs(off) > TOLERANCE_SECONDS:
            raise SignatureError(
                f"webhook-timestamp is {abs(off):.0f} s {'ahead' if off > 0 else 'old'}; at most {TOLERANCE_SECONDS} s"
            )
        # Header values are bytes that the server shows as Latin-1.
        content = b".".join((message_id.encode("latin-1", "replace"), timestamp.encode(), body))
        expected = [hmac.digest(key, content, hashlib.sha256) for key in self._keys]
        given_ones = [one[3:] for one in signatures.split(" ")[:_MOST_SIGNATURES] if one.startswith("v1,")]
        if not given_ones:
            raise SignatureError("webhook-signature holds no signature of version v1")
        # Every pair is compared, so that the time taken tells nothing.
        fits = [hmac.compare_digest(right, _decoded(one)) for one in given_ones for right in expected]
        if not any(fits):
            raise SignatureError("no signature fits; it is HMAC-SHA256 over <webhook-id>.<webhook-timestamp>.<body>")


def key_of(secret: str) -> bytes:
    """The key in a secret ``whsec_<base64>``."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not secret.startswith(PREFIX) or len(key) < _LEAST_KEY_BYTES:
        raise WebhookSecretError(f"KEFU_CHANNEL_SECRET must be {PREFIX}<base64 of {_LEAST_KEY_BYTES} bytes or more>")
    return key


def sign(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """The ``webhook-signature`` of a message, for those who send."""
    content = b".".join((message_id.encode(), str(timestamp).encode(), body))
    return "v1," + base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()


def _decoded(signature: str) -> bytes:
    try:
        return base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return b""
