"""The table `calendar`: every version of a working calendar that a promise was ever given under."""

from collections.abc import Iterable, Mapping
from typing import Final

from services.sla.domain.calendar import Calendar
from shared.database.connection import Connection

KEEP_CALENDARS: Final = """
insert into calendar (reference, document) select * from unnest($1::text[], $2::jsonb[])
on conflict (reference) do nothing
"""

CALENDARS: Final = "select reference, document from calendar"
CALENDARS_OF: Final = "select reference, document from calendar where reference = any($1::text[])"


async def keep_calendars(connection: Connection, calendars: Mapping[str, Calendar]) -> dict[str, Calendar]:
    """Remembers these calendars, and returns every one that was ever promised under, by ``name@version``."""
    await connection.execute(KEEP_CALENDARS, list(calendars), [calendar.document for calendar in calendars.values()])
    rows = await connection.fetch(CALENDARS)
    return {row["reference"]: calendars.get(row["reference"]) or Calendar.parse(row["document"]) for row in rows}


async def calendars_of(connection: Connection, references: Iterable[str]) -> dict[str, Calendar]:
    """These calendars, as they were when somebody promised under them; those that were kept."""
    rows = await connection.fetch(CALENDARS_OF, sorted(references))
    return {row["reference"]: Calendar.parse(row["document"]) for row in rows}
