"""What notify holds under its keys: the addresses of members."""

from typing import Final

import asyncpg

from services.notify.store.members import sealed_as
from shared.resealing.tables import SealedTable
from shared.security.sealing import Sealer


def _member(row: asyncpg.Record, sealer: Sealer) -> tuple[bytes, ...]:
    context = sealed_as(row["member_id"])
    return (sealer.seal(sealer.open(row["addresses"], context=context), context=context),)


TABLES: Final = (SealedTable("member", {"member_id": "text"}, ("addresses",), _member),)
