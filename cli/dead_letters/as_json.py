"""Dead letters for programs: these names stay, times are RFC 3339, personal data is masked."""

from typing import Any, TypedDict

from cli.dead_letters.content import content
from cli.dead_letters.letter import DeadLetter
from cli.moments import iso
from shared.bus.header_names import name_bytes
from shared.masking import redacted


class LetterJson(TypedDict):
    """What `kefu dead-letters list --json` says of a letter; ``size`` in bytes, None for a record without value."""

    id: str
    failed_at: str | None
    topic: str
    partition: int
    offset: int
    group: str
    key: str | dict[str, str] | None
    reason: str
    message: str
    attempts: int
    size: int | None
    replayed_at: str | None


class WholeLetterJson(LetterJson):
    """What `kefu dead-letters show --json` says: the same, its headers as pairs, its value, and who saw it in clear."""

    headers: list[list[Any]]
    value: str | dict[str, str] | None
    shown: list[dict[str, str | None]]


def letter_json(letter: DeadLetter) -> LetterJson:
    """A letter without its content."""
    return {
        "id": str(letter.id),
        "failed_at": iso(letter.failed_at),
        "topic": letter.topic,
        "partition": letter.partition,
        "offset": letter.offset,
        "group": letter.group,
        "key": json_bytes(letter.key),
        "reason": letter.reason,
        "message": redacted(letter.message),
        "attempts": letter.attempts,
        "size": len(letter.value) if letter.value is not None else None,
        "replayed_at": iso(letter.replayed_at),
    }


def whole_letter_json(letter: DeadLetter, *, clear: bool = False) -> WholeLetterJson:
    """A letter with its content, its bytes as `json_bytes` gives them."""
    return {
        **letter_json(letter),
        "key": json_bytes(letter.key, clear=clear),
        "headers": [
            [json_bytes(name_bytes(name), clear=True), json_bytes(value, clear=clear)] for name, value in letter.headers
        ],
        "value": json_bytes(letter.value, clear=clear),
        "shown": [{"at": iso(one.at), "by": one.by, "why": one.why} for one in letter.shown],
    }


def json_bytes(data: bytes | None, *, clear: bool = False) -> str | dict[str, str] | None:
    """The bytes for a program: null, text, or `{"hex": …}` when they are no UTF-8; masked unless ``clear``."""
    if data is None:
        return None
    text = content(data, clear=clear)
    return {"hex": text.hex()} if isinstance(text, bytes) else text
