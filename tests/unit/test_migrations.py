"""Code and schema of two versions at once: in a rolling update both run for a while."""

import re
from pathlib import Path

import pytest

from services.routing.store.tickets import COLUMNS

ROOT = Path(__file__).parents[2]
SOURCES = sorted(path for folder in ("services", "shared") for path in (ROOT / folder).rglob("*.py"))
EVERY_COLUMN = re.compile(r"(?:select|returning)\s+(?:\w+\.)?\*(?!(?:,[^\n]*)?\s+from\s+unnest)", re.IGNORECASE)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_statement_asks_for_every_column(path: Path) -> None:
    """A column that a newer version adds changes no answer the older one gets: it names what it wants."""
    assert EVERY_COLUMN.findall(path.read_text(encoding="utf-8")) == []


def test_every_field_of_routings_ticket_is_a_column() -> None:
    """A field without a migration is found before any server is: write the next `NNNN_pre_….sql` beside these."""
    migrations = sorted((ROOT / "services/routing/migrations").glob("*.sql"))
    text = "\n".join(path.read_text(encoding="utf-8") for path in migrations)
    created = re.search(r"create table ticket \((.*?)\n\)", text, re.DOTALL)
    assert created is not None
    columns = set(re.findall(r"^    (\w+) ", created[1], re.MULTILINE)) - {"check"}
    columns |= set(re.findall(r"alter table ticket add column (?:if not exists )?(\w+)", text))
    assert set(COLUMNS) - columns == set(), f"no migration adds these; the last one is {migrations[-1].name}"
