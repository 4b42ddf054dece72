"""Characters nobody means, NUL (U+0000) and lone surrogates: no database and no encoder takes them.

In what somebody wrote they are replaced by U+FFFD, since a member's words are never refused for a character. In an id
they are refused, since two ids that differ must not become one: the type of an id refuses NUL, as which all are marked
before it looks.
"""

import json
import re
from typing import Any, Final

NUL: Final = "\0"
REPLACEMENT: Final = "\ufffd"

_UNMEANT: Final = re.compile("[\0\ud800-\udfff]")


def read_leniently(value: bytes) -> Any:
    """The JSON document in ``value``, whatever characters its strings hold, escaped or raw.

    A pair of surrogates encoded one by one, as old Java clients do, is the character it means. Raises ValueError or
    RecursionError where it is no JSON.
    """
    text = value.decode("utf-8", "surrogatepass")
    if not text.isascii():
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return json.loads(text, strict=False)


def with_unmeant_as(character: str, document: Any) -> bytes:
    """The document as JSON, with every such character of its names and strings written as ``character``."""
    return json.dumps(_replace(character, document), ensure_ascii=False).encode()


def _replace(character: str, value: Any) -> Any:
    if isinstance(value, str):
        return _UNMEANT.sub(character, value)
    if isinstance(value, dict):
        return {_replace(character, name): _replace(character, item) for name, item in value.items()}
    return [_replace(character, item) for item in value] if isinstance(value, list) else value
