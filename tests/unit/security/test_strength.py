"""What is taken for a secret."""

import base64
import random
import secrets

import pytest
from pydantic import ValidationError

from services.notify.api.card_signer import CardKeyError, CardSigner
from services.notify.settings import NotifySettings
from shared.security.strength import WeakSecretError, check_text, key_from_base64

GOOD = {
    "KAFKA_BOOTSTRAP_SERVERS": "kafka.invalid:9092",
    "DATABASE_URL": "postgresql://postgres.invalid/kefu",
    "KEFU_DATA_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
    "KEFU_EVENT_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
    "KEFU_TOKEN_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
    "KEFU_RECEIPT_SECRET": secrets.token_hex(24),
    "KEFU_CARRIER_SECRET": secrets.token_urlsafe(24),
    "KEFU_CARRIER_URL": "http://carrier.invalid:8090",
}


FIXED = random.Random(20261128)


def chance(count: int) -> bytes:
    """Bytes without order, the same in every run, since the names of tests are made of them."""
    return FIXED.randbytes(count)


def encoded(key: bytes) -> str:
    """As it stands in a setting."""
    return base64.b64encode(key).decode()


@pytest.mark.parametrize(
    "key",
    [
        "",
        "aw==",
        "change-me",
        encoded(b"k" * 32),
        encoded(b"ab" * 16),
        encoded(bytes(range(32))),
        encoded(bytes(range(64, 0, -2))),
        encoded(chance(31)),
        encoded(chance(8) * 4),
        encoded(b"please-CHANGE me before you start"),
        encoded(b"my own secret for the platform 1"),
        "changemechangemechangemechangemechangemechangemc",
        encoded(chance(32)) + "\n",
        encoded(chance(32)).rstrip("="),
        "*" + encoded(chance(33)),
        encoded(chance(32))[:-1] + "é",
    ],
)
def test_a_weak_key_is_no_key(key: str) -> None:
    """What is short, no strict base64, one byte or one word over and over, or a placeholder, is no key."""
    with pytest.raises(WeakSecretError):
        key_from_base64(key)


@pytest.mark.parametrize(
    "secret",
    ["short", "x" * 40, "0123456789012345", "change-me-change-me", "CHANGE_ME_before_use", "correct-secret-of-mine"],
)
def test_a_weak_text_is_no_secret(secret: str) -> None:
    """The same of a secret that is a text."""
    with pytest.raises(WeakSecretError):
        check_text(secret)


def test_what_chance_makes_is_a_key() -> None:
    """No key or secret is refused that was made as our own pages say."""
    for _ in range(1000):
        key_from_base64(encoded(secrets.token_bytes(32)))
        key_from_base64(encoded(secrets.token_bytes(24)), least=16)
        check_text(secrets.token_hex(24))
        check_text(secrets.token_urlsafe(24))


@pytest.mark.parametrize("name", ["KEFU_TOKEN_KEY", "KEFU_RECEIPT_SECRET", "KEFU_CARRIER_SECRET"])
@pytest.mark.parametrize("value", ["", "change-me", "change-me-change-me-change-me-change-me", "aw=="])
def test_a_service_does_not_start_with_a_weak_secret(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings refuse it, name it, and do not show it."""
    for one, good in GOOD.items():
        monkeypatch.setenv(one, good)
    assert NotifySettings().token_key
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError) as told:
        NotifySettings()
    assert name.removeprefix("KEFU_").lower() in str(told.value).lower()
    assert not value or value not in str(told.value)


def test_a_weak_card_key_is_refused() -> None:
    """Cards are not signed with a key that others could guess."""
    with pytest.raises(CardKeyError):
        CardSigner(encoded(b"c" * 32))
