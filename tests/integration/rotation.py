"""Rotating keys under test: what `kefu reseal` is told; and values from before services had keys of their own."""

import base64
import hashlib
import hmac
import os
from collections.abc import Mapping

import asyncpg
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.security.sealing import Sealer, normalise_handle


def written(*keys: bytes) -> str:
    """Keys as KEFU_DATA_KEY names them."""
    return ",".join(base64.b64encode(key).decode() for key in keys)


async def reseal_with(
    monkeypatch: pytest.MonkeyPatch, servers: Mapping[str, str], pool: asyncpg.Pool, *keys: bytes
) -> None:
    """From now on `kefu reseal` finds this database, Kafka and these keys."""
    name = await pool.fetchval("select current_database()")
    url = f"{servers['DATABASE_URL'].rpartition('/')[0]}/{name}"
    for variable, value in {**servers, "DATABASE_URL": url, "KEFU_DATA_KEY": written(*keys)}.items():
        monkeypatch.setenv(variable, value)


class FromBefore(Sealer):
    """Seals and indexes under the key itself, as a version did that knew no other."""

    def __init__(self, key: bytes) -> None:
        super().__init__([key], service="before")
        self._key, self._index_key = key, hmac.digest(key, b"kefu blind index", hashlib.sha256)

    def seal(self, text: str, *, context: str) -> bytes:
        """See ``Sealer``."""
        key_id, nonce = hashlib.sha256(b"kefu key id" + self._key).digest()[:4], os.urandom(12)
        return key_id + nonce + AESGCM(self._key).encrypt(nonce, text.encode(), context.encode())

    def blind(self, kind: str, value: str) -> bytes:
        """See ``Sealer``."""
        spelled = f"{kind}\0{normalise_handle(kind, value)}".encode()
        return hmac.digest(self._index_key, spelled, hashlib.sha256)

    def blinds(self, kind: str, value: str) -> tuple[bytes, ...]:
        """See ``Sealer``."""
        return (self.blind(kind, value),)
