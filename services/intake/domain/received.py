"""When a contact reached the house, as far as its channel's clock can be believed."""

from datetime import UTC, datetime, timedelta


def believed(received_at: datetime, now: datetime, oldest: timedelta) -> datetime:
    """What lay in a backlog was received when its channel says, and promises count from then.

    No contact comes from the future, and none lay about for longer than ``oldest``: such a clock is wrong, and the
    contact counts as received now.
    """
    return received_at.astimezone(UTC) if now - oldest <= received_at <= now else now
