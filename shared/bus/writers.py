"""Whether an event of our own topics comes from its writer, whatever it says of itself."""

from dataclasses import replace
from typing import Final

from shared.contracts import registry, topics
from shared.contracts.envelope import REPLAY_FOR, SOURCES, Decoded, Headers, UndecodableError
from shared.security.tags import REPLAY_TAG, TAG, EventTags

OURS: Final = frozenset(topic.name for topic in topics.OURS)

FORGED: Final = "forged"
"""The code of the refusal."""


def from_its_writer(
    decoded: Decoded, *, topic: str, key: bytes | None, value: bytes, headers: Headers, tags: EventTags
) -> Decoded:
    """The event, if the service that writes its type wrote it; else UndecodableError.

    One that may be untagged for now is read without its sequence: what anybody could have numbered must not decide
    which real events were read before.
    """
    envelope, tag = decoded.envelope, _first(headers, TAG)
    if tag is None and tags.may_be_untagged(envelope.type):
        return replace(decoded, envelope=replace(envelope, sequence=None))
    known = registry.BY_NAME.get(envelope.type)
    if known is not None and SOURCES.get(envelope.source) != known.writer:
        raise UndecodableError(
            FORGED, f"{envelope.type} is written by {known.writer}, not by {envelope.source[:100]!r}"
        )
    if tag is None or not tags.is_tagged(tag, topic, key, value, envelope):
        fault = "has no tag" if tag is None else "has a tag that does not fit"
        raise UndecodableError(FORGED, f"the event {fault}: {envelope.source[:100]!r} did not write it")
    group = _first(headers, REPLAY_FOR)
    if group and not tags.is_replay(_first(headers, REPLAY_TAG), tag, group):
        raise UndecodableError(
            FORGED, "the event was written once and sent again by somebody who is no operator of ours"
        )
    return decoded


def _first(headers: Headers, wanted: str) -> bytes | None:
    """The first that says anything: the one by which everybody else goes, however many there are."""
    return next((value for name, value in headers if name == wanted and value), None)
