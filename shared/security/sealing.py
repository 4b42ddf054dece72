"""Personal data at rest: AES-256-GCM for what is read again, a keyed hash for what is only looked up.

``KEFU_DATA_KEY`` holds one or more keys of 32 bytes, base64, comma-separated: the first seals and indexes, all open and
find. No service works with such a key itself, each derives its own from it, so that what one has opens nothing of
another's. Every sealed value and every blind index begins with the id of its key: what is left under an older one can
be counted, and made anew (``kefu reseal``). How to rotate: ``deploy/README.md``.
"""

import base64
import binascii
import hashlib
import hmac
import os
import unicodedata
from typing import Final

import phonenumbers
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

ID_BYTES: Final = 4
"""How many bytes at the beginning of a sealed value or a blind index are the id of its key."""

_KEY_BYTES = 32
_NONCE_BYTES = 12
_HOME_REGION = "CN"


class DataKeyError(ValueError):
    """KEFU_DATA_KEY is not one or more base64 keys of 32 bytes, or none of them opens this value."""


class Sealer:
    """Seals, opens and indexes for one service. A sealed value is key id (4 bytes), nonce (12), ciphertext, tag (16);
    a blind index key id and hash (32).

    From before services had keys of their own there are values under the keys as they are, and indexes under those
    without an id: they are opened and found as well, and never made.
    """

    def __init__(self, keys: list[bytes], *, service: str) -> None:
        if not keys or any(len(key) != _KEY_BYTES for key in keys):
            raise DataKeyError("KEFU_DATA_KEY must hold base64 keys of 32 bytes; try: openssl rand -base64 32")
        own = [_derived(key, service, "seal") for key in keys]
        self._ciphers = {_key_id(key): AESGCM(key) for key in (*own, *keys)}
        self._index_keys = [(_key_id(one), _derived(key, service, "index")) for one, key in zip(own, keys, strict=True)]
        self._index_keys += [(b"", hmac.digest(key, b"kefu blind index", hashlib.sha256)) for key in reversed(keys)]
        self.current = _key_id(own[0])
        """What a sealed value and a blind index made now begin with."""

    @classmethod
    def from_keys(cls, keys: str, *, service: str) -> "Sealer":
        """Reads the form of ``KEFU_DATA_KEY``."""
        try:
            found = [base64.b64decode(key, validate=True) for key in keys.split(",") if key.strip()]
        except binascii.Error as error:
            raise DataKeyError(f"KEFU_DATA_KEY is not base64: {error}") from None
        return cls(found, service=service)

    def seal(self, text: str, *, context: str) -> bytes:
        """Encrypts ``text``; it opens only with the same ``context`` (for example ``contact/<id>``)."""
        nonce = os.urandom(_NONCE_BYTES)
        data = text.encode("utf-8", "surrogatepass")
        return self.current + nonce + self._ciphers[self.current].encrypt(nonce, data, context.encode())

    def open(self, sealed: bytes, *, context: str) -> str:
        """The text back. Raises DataKeyError for an unknown key, another context or a changed value."""
        key_id, nonce = sealed[:ID_BYTES], sealed[ID_BYTES : ID_BYTES + _NONCE_BYTES]
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise DataKeyError("sealed with a key that is not in KEFU_DATA_KEY; put it back, at the end")
        try:
            data = cipher.decrypt(nonce, sealed[ID_BYTES + _NONCE_BYTES :], context.encode())
        except (InvalidTag, ValueError):
            raise DataKeyError("the sealed value was changed, or belongs to another context") from None
        return data.decode("utf-8", "surrogatepass")

    def blind(self, kind: str, value: str) -> bytes:
        """The index of a handle as it is written: equal however the handle is spelled, useless without the key."""
        return self._index(*self._index_keys[0], _spelled(kind, value))

    def blinds(self, kind: str, value: str) -> tuple[bytes, ...]:
        """Every index the handle may have been written under, ``blind`` first: whoever looks for it tries them all."""
        spelled = _spelled(kind, value)
        return tuple(self._index(key_id, key, spelled) for key_id, key in self._index_keys)

    @staticmethod
    def _index(key_id: bytes, key: bytes, spelled: bytes) -> bytes:
        return key_id + hmac.digest(key, spelled, hashlib.sha256)


def normalise_handle(kind: str, value: str) -> str:
    """One spelling for one handle: phones as E.164 (China by default), emails lower-case, the rest NFKC and trimmed."""
    text = unicodedata.normalize("NFKC", value).strip()
    if kind == "email":
        return text.lower()
    if kind == "phone":
        try:
            number = phonenumbers.parse(text, _HOME_REGION)
        except phonenumbers.NumberParseException:
            return text
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return text


def _spelled(kind: str, value: str) -> bytes:
    return f"{kind}\0{normalise_handle(kind, value)}".encode("utf-8", "surrogatepass")


def _derived(key: bytes, service: str, purpose: str) -> bytes:
    info = f"kefu data key/{service}/{purpose}".encode()
    return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=info).derive(key)


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"kefu key id" + key).digest()[:ID_BYTES]
