"""Each service seals and indexes with keys of its own, under any list of keys that holds the one it was done with."""

import base64
import hashlib
import hmac
import os

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from shared.security.sealing import ID_BYTES, DataKeyError, Sealer

KEYS = st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=4, unique=True)
TEXTS = st.text(max_size=40)
OLD, NEW, OTHER = (bytes([number]) * 32 for number in (1, 2, 3))


def undivided(key: bytes, text: str, context: str) -> bytes:
    """A value as it was sealed before services had keys of their own."""
    nonce = os.urandom(12)
    key_id = hashlib.sha256(b"kefu key id" + key).digest()[:4]
    return key_id + nonce + AESGCM(key).encrypt(nonce, text.encode(), context.encode())


def undivided_index(key: bytes, kind: str, value: str) -> bytes:
    """A blind index of that time."""
    own = hmac.digest(key, b"kefu blind index", hashlib.sha256)
    return hmac.digest(own, f"{kind}\0{value}".encode(), hashlib.sha256)


@given(KEYS, TEXTS, TEXTS)
def test_what_any_key_of_the_list_sealed_opens(keys: list[bytes], text: str, context: str) -> None:
    """Wherever in the list the key stands, and whether it sealed as a service's own or undivided."""
    sealer = Sealer(keys, service="intake")
    for key in keys:
        assert sealer.open(Sealer([key], service="intake").seal(text, context=context), context=context) == text
        assert sealer.open(undivided(key, text, context), context=context) == text


@given(KEYS, TEXTS)
def test_what_any_key_of_the_list_indexed_is_found(keys: list[bytes], value: str) -> None:
    """A handle's candidates hold every index it may lie under, none twice, and the first key's come first."""
    sealer = Sealer(keys, service="intake")
    found = sealer.blinds("chat", value)
    assert found[0] == sealer.blind("chat", value) == Sealer(keys[:1], service="intake").blind("chat", value)
    assert found[0][:ID_BYTES] == sealer.current == sealer.seal(value, context="c")[:ID_BYTES]
    assert len(set(found)) == len(found) == 2 * len(keys)
    for key in keys:
        assert Sealer([key], service="intake").blind("chat", value) in found
    assert undivided_index(OLD, "chat", "name") in Sealer([NEW, OLD, OTHER], service="intake").blinds("chat", "name")


@given(TEXTS)
def test_services_have_nothing_in_common(text: str) -> None:
    """What one service seals no other opens, and what it indexes no other finds, under the same KEFU_DATA_KEY."""
    intake, notify = Sealer([OLD], service="intake"), Sealer([OLD], service="notify")
    with pytest.raises(DataKeyError):
        notify.open(intake.seal(text, context="c"), context="c")
    assert intake.blind("chat", text) not in notify.blinds("chat", text)


def test_a_retired_key_is_named_as_the_reason() -> None:
    """A value whose key was taken out says which setting lacks it, and what to do."""
    sealed = Sealer([OLD], service="intake").seal("text", context="c")
    with pytest.raises(DataKeyError, match="not in KEFU_DATA_KEY; put it back"):
        Sealer([NEW], service="intake").open(sealed, context="c")


@given(st.binary(max_size=80), st.integers(0, 79))
def test_no_bytes_open_by_chance(tail: bytes, at: int) -> None:
    """Whatever stands behind a known id, and whatever byte of a value is changed, is refused."""
    sealer = Sealer([OLD], service="intake")
    sealed = bytearray(sealer.seal("text", context="c"))
    sealed[at % len(sealed)] ^= 1
    for value in (sealer.current + tail, tail, bytes(sealed)):
        with pytest.raises(DataKeyError):
            sealer.open(value, context="c")


@pytest.mark.parametrize("keys", ["", ",", "aw==", "not base64!", base64.b64encode(OLD).decode() + ",aw=="])
def test_an_unusable_list_of_keys(keys: str) -> None:
    """Keys that are none are refused at the start."""
    with pytest.raises(DataKeyError, match="KEFU_DATA_KEY"):
        Sealer.from_keys(keys, service="intake")
