"""What may be seen of a stranger's bytes: as they are when asked for in clear, else with nothing private."""

import json
import re
from typing import Any, Final

from shared.masking import find_private, redacted, redacted_tree, starred

_HIDDEN_NAMES: Final = re.compile(r"value|token|phone|mobile|handle|display_name|e?mail|openid", re.IGNORECASE)
_ESCAPED: Final = re.compile(r"\\u(?!d[89a-f])([0-9a-f]{4})", re.IGNORECASE)


def content(data: bytes, *, clear: bool) -> str | bytes:
    """Text when the bytes are UTF-8, else bytes; without ``clear`` what is private is gone from either.

    Of a JSON document the names of fields say what is private, too: the address of a sender has no shape of its own.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return data if clear else _without_private_bytes(data)
    return text if clear else _without_private(text)


def _without_private(text: str) -> str:
    if text.lstrip()[:1] in ("{", "["):
        try:
            document: Any = json.loads(text)
            hidden = redacted_tree(document, _HIDDEN_NAMES)
            return text if hidden == document else json.dumps(hidden, ensure_ascii=False)
        except (ValueError, RecursionError):
            pass
    # a document that is broken may still spell its characters as escapes, behind which nothing would be found
    plain = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    hidden_text = redacted(plain)
    return text if hidden_text == plain else hidden_text


def _without_private_bytes(data: bytes) -> bytes:
    text = data.decode("latin-1")
    return starred(text, find_private(text)).encode("latin-1")
