"""Tags on our own events: who of us wrote this, so that nobody else's is taken for it.

Three services write ``support.ticket.v1``, so that no access list of Kafka can say which of them may write which type,
and whoever gets at the topic could close every ticket. Each event therefore carries a tag (header ``kefu_tag``):
HMAC-SHA256 over its topic, key, value, source, type, id, subject and sequence, with a key of its writer, derived from
``KEFU_EVENT_KEY`` (HKDF, RFC 5869). Readers know all of these keys: the tag tells outsiders from us, and the mistakes
of one service from those of another. It protects against nobody who has got hold of a service's environment, and
hides nothing.
"""

import base64
import functools
import hashlib
import hmac
import struct
from collections.abc import Collection
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.contracts.envelope import SOURCES, Envelope
from shared.security.strength import WeakSecretError, key_from_base64

TAG: Final = "kefu_tag"
REPLAY_TAG: Final = "kefu_replay_tag"
"""On a replayed dead letter of our own topics: that an operator sent it again, for the group it names."""

EVERY_TYPE: Final = "*"
_OPERATOR: Final = "operator"
_KEY_BYTES: Final = 32
_TAG_BYTES: Final = 16
_LENGTHS: Final = struct.Struct(">8I")


class EventKeyError(ValueError):
    """KEFU_EVENT_KEY is not one or more base64 keys of 32 bytes or more, made by chance."""


class EventTags:
    """Makes and checks tags. The first key makes them, any of them may have: a new one is put in front for a while.

    ``untagged``: the types of event that are read without a tag (``*`` for all), for the time of a rollout.
    """

    def __init__(self, keys: tuple[bytes, ...], untagged: Collection[str] = ()) -> None:
        self._keys = keys
        self._untagged = frozenset(untagged)
        self._of_writer = functools.cache(self._derive)

    @classmethod
    def from_settings(cls, keys: str, untagged: str = "") -> "EventTags":
        """Reads the forms of ``KEFU_EVENT_KEY`` and ``KEFU_UNTAGGED_EVENTS``."""
        try:
            decoded = tuple(key_from_base64(key.strip()) for key in keys.split(","))
        except WeakSecretError as error:
            raise EventKeyError(f"KEFU_EVENT_KEY is of no use: {error}; try: openssl rand -base64 32") from None
        return cls(decoded, [one.strip() for one in untagged.split(",") if one.strip()])

    def tag(self, topic: str, key: bytes | None, value: bytes | None, envelope: Envelope) -> bytes:
        """The tag of an event, by the service that is its source."""
        writer_keys = self._of_writer(SOURCES.get(envelope.source, ""))
        return _tag(writer_keys[0], _content(topic, key, value, envelope))

    def is_tagged(self, tag: bytes | None, topic: str, key: bytes | None, value: bytes, envelope: Envelope) -> bool:
        """Whether the service that is its source wrote the event."""
        writer = SOURCES.get(envelope.source)
        if writer is None or tag is None:
            return False
        content = _content(topic, key, value, envelope)
        return any(hmac.compare_digest(_tag(one, content), tag) for one in self._of_writer(writer))

    def may_be_untagged(self, event_type: str) -> bool:
        """Whether an event of this type is read without a tag."""
        return event_type in self._untagged or EVERY_TYPE in self._untagged

    def replay_tag(self, tag: bytes, group: bytes) -> bytes:
        """That an operator sends an event again, for a group, which knows it by its ``tag``."""
        return _tag(self._of_writer(_OPERATOR)[0], _replay(tag, group))

    def is_replay(self, replay_tag: bytes | None, tag: bytes, group: bytes) -> bool:
        """Whether an operator sent it again."""
        content = _replay(tag, group)
        keys = self._of_writer(_OPERATOR)
        return replay_tag is not None and any(hmac.compare_digest(_tag(one, content), replay_tag) for one in keys)

    def _derive(self, writer: str) -> tuple[bytes, ...]:
        info = f"kefu event tag/{writer}".encode()
        return tuple(HKDF(SHA256(), _KEY_BYTES, salt=None, info=info).derive(key) for key in self._keys)


def _content(topic: str, key: bytes | None, value: bytes | None, envelope: Envelope) -> bytes:
    key, value, subject = key or b"", value or b"", envelope.subject or ""
    sequence = "" if envelope.sequence is None else str(envelope.sequence)
    source, kind, name = envelope.source, envelope.type, envelope.id
    # each part's length goes before them all, so that none can lend a byte to its neighbour
    lengths = _LENGTHS.pack(
        *(len(topic), len(source), len(kind), len(name), len(subject), len(sequence), len(key), len(value))
    )
    words = f"{topic}{source}{kind}{name}{subject}{sequence}".encode("utf-8", "surrogatepass")
    return b"".join((lengths, words, key, value))


def _replay(tag: bytes, group: bytes) -> bytes:
    return b"%d:%b%b" % (len(tag), tag, group)


def _tag(key: bytes, content: bytes) -> bytes:
    return base64.b64encode(hmac.digest(key, content, hashlib.sha256)[:_TAG_BYTES])
