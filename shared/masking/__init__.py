"""One masker for whatever is shown or written: topics, logs and the command line hide the same things.

``find_private`` finds, ``starred`` hides in place (positions stay), ``redacted`` shortens what people read, and
``redacted_tree`` does so in all of a document.
"""

from shared.masking.documents import redacted_tree
from shared.masking.hiding import redacted, starred
from shared.masking.private import Kind, Private, find_private

__all__ = ["Kind", "Private", "find_private", "redacted", "redacted_tree", "starred"]
