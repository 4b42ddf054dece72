"""What of a contact's attachments travels with the ticket."""

from collections.abc import Sequence
from typing import Final

from services.intake.understanding.mask import masked
from shared.contracts.contacts import Attachment

MOST_ATTACHMENTS: Final = 50
_LONGEST_NAME: Final = 200


def shown_attachments(attachments: Sequence[Attachment]) -> tuple[Attachment, ...]:
    """Name (masked), type and size. Never the sender's own address of a file: nobody in the house should follow it."""
    return tuple(
        Attachment(name=masked(file.name[:_LONGEST_NAME]), media_type=file.media_type, size=file.size)
        for file in attachments[:MOST_ATTACHMENTS]
    )
