"""What each version of a template says, in PostgreSQL, as a hash: the first text of a version is its text."""

from collections.abc import Mapping
from typing import Final

from services.notify.domain.templates import TextName
from shared.database.connection import Connection

# In the order of their names: replicas that start at once wait for each other, not in a circle.
LEARN: Final = """
insert into template_text (locale, kind, version, text_hash)
select * from unnest($1::text[], $2::text[], $3::int[], $4::bytea[]) on conflict do nothing
"""

KNOWN: Final = "select locale, kind, version, text_hash from template_text"


async def learn_texts(connection: Connection, texts: Mapping[TextName, bytes]) -> None:
    """Notes these versions, as far as they are new; what a version says already is never overwritten."""
    names = sorted(texts)
    await connection.execute(
        LEARN,
        [name.locale for name in names],
        [name.kind for name in names],
        [name.version for name in names],
        [texts[name] for name in names],
    )


async def known_texts(connection: Connection) -> dict[TextName, bytes]:
    """The hash of every version there ever was."""
    rows = await connection.fetch(KNOWN)
    return {TextName(row["locale"], row["kind"], row["version"]): row["text_hash"] for row in rows}
