"""Signatures of webhooks as Standard Webhooks 1.0 has them (standardwebhooks.com), symmetric scheme ``v1``."""

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from services.intake.edges.credentials import Credential, Grant

TOLERANCE_SECONDS: Final = 5 * 60
_MOST_SIGNATURES: Final = 10


class SignatureError(ValueError):
    """The request is not signed by a holder of the secret, or too old. The message says which."""


@dataclass(frozen=True, slots=True)
class SignedHeaders:
    """What the headers of a message say: its id, when it was signed, and how, version v1 alone."""

    message_id: str
    timestamp: str
    signatures: tuple[str, ...]


class WebhookVerifier:
    """Checks signatures. Any of the ``credentials`` may have signed, and says what the message may be."""

    def __init__(self, credentials: Sequence[Credential], *, clock: Callable[[], float] = time.time) -> None:
        self._credentials = tuple(credentials)
        self._clock = clock

    def check_headers(self, message_id: str | None, timestamp: str | None, signatures: str | None) -> "SignedHeaders":
        """What the three headers claim, before the body is known; SignatureError when no body could fit to them."""
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
        given_ones = [one[3:] for one in signatures.split(" ")[:_MOST_SIGNATURES] if one.startswith("v1,")]
        if not given_ones:
            raise SignatureError("webhook-signature holds no signature of version v1")
        return SignedHeaders(message_id, timestamp, tuple(given_ones))

    def verify(self, message_id: str | None, timestamp: str | None, signatures: str | None, body: bytes) -> Grant:
        """What the signer may post, if the three headers and the body fit together; else SignatureError says why."""
        claim = self.check_headers(message_id, timestamp, signatures)
        # Header values are bytes that the server shows as Latin-1.
        content = b".".join((claim.message_id.encode("latin-1", "replace"), claim.timestamp.encode(), body))
        expected = [(one, hmac.digest(one.key, content, hashlib.sha256)) for one in self._credentials]
        # Every pair is compared, so that the time taken tells nothing.
        pairs = [
            (signer, hmac.compare_digest(right, _decoded(one)))
            for one in claim.signatures
            for signer, right in expected
        ]
        signers = [signer for signer, fits in pairs if fits]
        if not signers:
            raise SignatureError("no signature fits; it is HMAC-SHA256 over <webhook-id>.<webhook-timestamp>.<body>")
        return Grant.of(signers)


def sign(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """The ``webhook-signature`` of a message, for those who send."""
    content = b".".join((message_id.encode(), str(timestamp).encode(), body))
    return "v1," + base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()


def _decoded(signature: str) -> bytes:
    try:
        return base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return b""
