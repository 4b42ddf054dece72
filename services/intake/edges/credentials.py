"""Who posts for which channel: a webhook's channel is known by the secret it is signed with, whatever its body says."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from shared.contracts.contacts import CHANNEL_FORM
from shared.security.strength import WeakSecretError, key_from_base64

PREFIX: Final = "whsec_"
EVERY: Final = "*"
_LEAST_KEY_BYTES: Final = 16


class WebhookSecretError(ValueError):
    """The secrets of the channels are none, or not of the form <channel>=whsec_<base64 of 16 bytes or more>."""


@dataclass(frozen=True, slots=True)
class Credential:
    """The key in a secret, and the channels its holder may post for; None for every channel."""

    key: bytes
    channels: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Grant:
    """The channels a message may be of, by whoever signed it; None for every channel."""

    channels: frozenset[str] | None

    @classmethod
    def of(cls, signers: Iterable[Credential]) -> "Grant":
        """What these signers allow together."""
        channels: frozenset[str] = frozenset()
        for one in signers:
            if one.channels is None:
                # One signer that may speak for all is enough: somebody who signed it may say it.
                return cls(None)
            channels |= one.channels
        return cls(channels)

    def allows(self, channel: str) -> bool:
        """Whether the message may be of this channel."""
        return self.channels is None or channel in self.channels

    @property
    def only(self) -> str | None:
        """The channel, where it can be but one."""
        return next(iter(self.channels)) if self.channels is not None and len(self.channels) == 1 else None


def read_credentials(by_channel: str, for_every_channel: str = "") -> tuple[Credential, ...]:
    """From the form of ``KEFU_CHANNEL_SECRETS`` (``chat=whsec_…,email=whsec_…``), and of ``KEFU_CHANNEL_SECRET``.

    A channel named twice has two secrets, so that one can be replaced without a gap. ``<a>+<b>=whsec_…`` is one secret
    for two channels.
    """
    credentials = [_of_channels(entry) for entry in _entries(by_channel)]
    credentials += [Credential(key_of(secret), None) for secret in _entries(for_every_channel)]
    if not credentials:
        raise WebhookSecretError(
            f"no channel has a secret: KEFU_CHANNEL_SECRETS is <channel>={PREFIX}…, comma-separated"
        )
    return tuple(credentials)


def key_of(secret: str) -> bytes:
    """The key in a secret ``whsec_<base64>``."""
    try:
        if not secret.startswith(PREFIX):
            raise WeakSecretError(f"it does not begin with {PREFIX}")
        return key_from_base64(secret.removeprefix(PREFIX), least=_LEAST_KEY_BYTES)
    except WeakSecretError as error:
        what = f"a secret of a channel is {PREFIX}<base64 of {_LEAST_KEY_BYTES} bytes or more>: {error}"
        raise WebhookSecretError(what) from None


def _entries(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")] if text.strip() else []


def _of_channels(entry: str) -> Credential:
    names, _, secret = entry.partition("=")
    channels = frozenset(names.split("+"))
    if names.startswith(PREFIX) or not (names == EVERY or all(CHANNEL_FORM.fullmatch(name) for name in channels)):
        raise WebhookSecretError(
            f"KEFU_CHANNEL_SECRETS is <channel>={PREFIX}…, comma-separated; <a>+<b> for two, {EVERY} for every channel"
        )
    return Credential(key_of(secret), None if names == EVERY else channels)
