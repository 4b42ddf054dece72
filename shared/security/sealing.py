"""Personal data at rest: AES-256-GCM for what is read again, a keyed hash for what is only looked up.

``KEFU_DATA_KEY`` holds one or more keys of 32 bytes, base64, comma-separated: the first seals, all open. To rotate, put
a new key in front and keep the old one until nothing sealed with it is left. The blind index always uses the last key,
which therefore has to stay.
"""

import base64
import binascii
import hashlib
import hmac
import os
import unicodedata

import phonenumbers
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_KEY_BYTES = 32
_NONCE_BYTES = 12
_ID_BYTES = 4
_HOME_REGION = "CN"


class DataKeyError(ValueError):
    """KEFU_DATA_KEY is not one or more base64 keys of 32 bytes, or none of them opens this value."""


class Sealer:
    """Seals and opens. A sealed value is key id (4 bytes), nonce (12), ciphertext and tag (16)."""

    def __init__(self, keys: list[bytes]) -> None:
        if not keys or any(len(key) != _KEY_BYTES for key in keys):
            raise DataKeyError("KEFU_DATA_KEY must hold base64 keys of 32 bytes; try: openssl rand -base64 32")
        self._ciphers = {_key_id(key): AESGCM(key) for key in keys}
        self._sealing_id = _key_id(keys[0])
        self._index_key = hmac.digest(keys[-1], b"kefu blind index", hashlib.sha256)

    @classmethod
    def from_keys(cls, keys: str) -> "Sealer":
        """Reads the form of ``KEFU_DATA_KEY``."""
        try:
            return cls([base64.b64decode(key, validate=True) for key in keys.split(",") if key.strip()])
        except binascii.Error as error:
            raise DataKeyError(f"KEFU_DATA_KEY is not base64: {error}") from None

    def seal(self, text: str, *, context: str) -> bytes:
        """Encrypts ``text``; it opens only with the same ``context`` (for example ``contact/<id>``)."""
        nonce = os.urandom(_NONCE_BYTES)
        data = text.encode("utf-8", "surrogatepass")
        return self._sealing_id + nonce + self._ciphers[self._sealing_id].encrypt(nonce, data, context.encode())

    def open(self, sealed: bytes, *, context: str) -> str:
        """The text back. Raises DataKeyError for an unknown key, another context or a changed value."""
        key_id, nonce = sealed[:_ID_BYTES], sealed[_ID_BYTES : _ID_BYTES + _NONCE_BYTES]
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise DataKeyError("sealed with a key that is not in KEFU_DATA_KEY")
        try:
            data = cipher.decrypt(nonce, sealed[_ID_BYTES + _NONCE_BYTES :], context.encode())
        except InvalidTag:
            raise DataKeyError("the sealed value was changed, or belongs to another context") from None
        return data.decode("utf-8", "surrogatepass")

    def blind(self, kind: str, value: str) -> bytes:
        """The index of a handle: 32 bytes, equal however the handle is written, useless without the key."""
        return hmac.digest(self._index_key, f"{kind}\0{normalise_handle(kind, value)}".encode(), hashlib.sha256)


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


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"kefu key id" + key).digest()[:_ID_BYTES]
