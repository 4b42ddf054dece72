"""Who is speaking, locked: no table of its own, but what two batches must not decide about at once."""

import hashlib
from collections.abc import Iterable
from typing import Final

from shared.database.connection import Connection

# Single-argument locks live in a key space of their own; the outbox uses the one with two arguments.
LOCK_PARTIES: Final = "select pg_advisory_xact_lock(key) from unnest($1::bigint[]) as key"


async def lock_parties(connection: Connection, members: Iterable[str], senders: Iterable[bytes]) -> None:
    """Until the transaction ends nobody else decides about contacts of these members and addresses.

    Taken in order of the keys, so that two batches wait for each other and never both ways.
    """
    names = {b"member/" + member.encode("utf-8", "surrogatepass") for member in members}
    names |= {b"sender/" + sender for sender in senders}
    keys = sorted({int.from_bytes(hashlib.sha256(name).digest()[:8], signed=True) for name in names})
    await connection.execute(LOCK_PARTIES, keys)
