"""How requests to the sandbox carrier are signed: HMAC-SHA256 over time, method, path and body."""

import hashlib
import hmac
from typing import Final

TIMESTAMP_HEADER: Final = "x-carrier-timestamp"
SIGNATURE_HEADER: Final = "x-carrier-signature"

FRESH_SECONDS: Final = 15
"""A request older than this is refused, so that one from a process that was stopped for long is never carried out."""


def sign_request(secret: str, *, timestamp: int, method: str, target: str, body: bytes) -> str:
    """The signature, hex. ``target`` is the path with its query, ``timestamp`` seconds since 1970."""
    signed = f"{timestamp}\n{method.upper()}\n{target}\n".encode() + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
