"""How PostgreSQL carries out a statement: its plan as it ran, and what it touched on the way."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from shared.database.connection import Connection

PAGE_BYTES: Final = 8192


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan that was carried out. ``pages``: how often a page was asked for, in memory or not."""

    root: dict[str, Any]

    @property
    def pages(self) -> int:
        """Pages touched, those of the statement's own temporary files left out."""
        return int(self.root["Shared Hit Blocks"] + self.root["Shared Read Blocks"])

    def read_whole(self) -> set[str]:
        """The tables that were read from end to end."""
        return {node["Relation Name"] for node in _nodes(self.root) if node["Node Type"].endswith("Seq Scan")}

    def __str__(self) -> str:
        return json.dumps(self.root, indent=1)


async def plan_of(connection: Connection, statement: str, *values: Any, kept: bool = False) -> Plan:
    """Carries a statement out and takes back what it changed. ``kept``: by the plan that fits any values, which is
    what a statement that is used often ends up with."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        mode = "force_generic_plan" if kept else "force_custom_plan"
        await connection.execute(f"set local plan_cache_mode = {mode}")
        await connection.execute(f"prepare probe as {statement}")
        given = f"({', '.join(_literal(value) for value in values)})" if values else ""
        answer = await connection.fetchval(f"explain (analyze, buffers, format json) execute probe{given}")
        return Plan(json.loads(answer)[0]["Plan"])
    finally:
        await transaction.rollback()
        await connection.execute("deallocate probe")


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)


def _literal(value: Any) -> str:
    """Without a type, so that the statement decides it."""
    if isinstance(value, list):
        value = "{" + ",".join(json.dumps(str(one)) for one in value) + "}"
    return "'" + str(value).replace("'", "''") + "'"
