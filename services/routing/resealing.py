"""What routing holds under its keys: actions that wait for their ticket."""

from typing import Final

import asyncpg

from services.routing.use_cases.keep_actions import sealed_as
from shared.resealing.tables import SealedTable
from shared.security.sealing import Sealer


def _pending(row: asyncpg.Record, sealer: Sealer) -> tuple[bytes, ...]:
    context = sealed_as(row["action_id"])
    return (sealer.seal(sealer.open(row["sealed"], context=context), context=context),)


TABLES: Final = (SealedTable("pending_action", {"action_id": "text"}, ("sealed",), _pending),)
