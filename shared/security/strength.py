"""Whether a secret is one: long enough, and not what somebody typed in order to be done with it."""

import base64
import binascii
import itertools
import re
from collections.abc import Callable
from typing import Final

from pydantic import AfterValidator, SecretStr

LEAST_KEY_BYTES: Final = 32
LEAST_TEXT: Final = 16

_LEAST_DISTINCT: Final = 8
_LEAST_STEPS: Final = 6
_TYPED: Final = re.compile(
    "change_?me|secret|password|passwd|placeholder|example|replace_?me|your_?key|insert_?key|default|insecure|qwerty"
    "|letmein|to_?do_?to_?do|test_?test|test_?key|kefu_?bus"
)


class WeakSecretError(ValueError):
    """A key or secret that others could guess. The message says why, and not what it was."""


def key_from_base64(text: str, *, least: int = LEAST_KEY_BYTES) -> bytes:
    """The bytes of a key. Raises WeakSecretError when it is no base64, shorter than ``least`` bytes, or guessable."""
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise WeakSecretError("it is not base64") from None
    if len(key) < least:
        raise WeakSecretError(f"it has {len(key)} bytes, and needs {least} or more")
    _refuse_guessable(text.encode())
    _refuse_guessable(key)
    return key


def check_text(text: str, *, least: int = LEAST_TEXT) -> str:
    """The secret itself. Raises WeakSecretError when it is shorter than ``least`` characters, or guessable."""
    if len(text) < least:
        raise WeakSecretError(f"it has {len(text)} characters, and needs {least} or more")
    _refuse_guessable(text.encode("utf-8", "surrogatepass"))
    return text


def checked(check: Callable[[str], object]) -> AfterValidator:
    """For a setting that is a ``SecretStr``: it is not taken when ``check`` raises."""

    def validate(secret: SecretStr) -> SecretStr:
        check(secret.get_secret_value())
        return secret

    return AfterValidator(validate)


def _refuse_guessable(raw: bytes) -> None:
    """Raises for what somebody typed. Chance makes such bytes as well, but not in the life of an operator."""
    steps = {(later - earlier) % 256 for earlier, later in itertools.pairwise(raw)}
    if len(set(raw)) < _LEAST_DISTINCT or len(steps) < _LEAST_STEPS:
        raise WeakSecretError("it is nearly the same all along")
    if any(raw[period:] == raw[:-period] for period in range(1, len(raw) // 2 + 1)):
        raise WeakSecretError("it is a short one repeated")
    if _TYPED.search(re.sub(r"[^a-z0-9]+", "_", raw.decode("latin-1").lower())):
        raise WeakSecretError("it is made of words, as a placeholder is")
