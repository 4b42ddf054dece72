"""The page on what lies where is held to the code: a new topic or table has to be told of before it is shipped."""

import re
from pathlib import Path
from typing import Final

from cli.settings.catalogue import all_settings
from shared.contracts.services import SERVICES
from shared.contracts.topics import ALL

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "docs" / "data.md").read_text("utf-8")
CREATED: Final = re.compile(r"^create table (?:if not exists )?(\w+)", re.MULTILINE | re.IGNORECASE)
ROWS: Final = [line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `")]
TOLD: Final = {name for row in ROWS for name in re.findall(r"`([^`]+)`", row)}


def tables_of(*folders: str) -> set[str]:
    found = [path.read_text("utf-8") for folder in folders for path in (ROOT / folder).glob("*.sql")]
    return {name for text in found for name in CREATED.findall(text)}


def test_every_topic_is_on_the_page() -> None:
    """What each topic holds and for how long stands in a row of its own, and no row is of a topic there is not."""
    named = {name for name in TOLD if name.startswith("support.")}
    assert named == {topic.name for topic in ALL}
    assert "<topic>.<group>.dlq" in TOLD


def test_every_table_is_on_the_page() -> None:
    """So does what each table of each service holds, those of the bus under a star."""
    tables = {f"*.{name}" for name in tables_of("shared/bus/migrations")} | {"*.migration"}
    tables |= {f"{service}.{name}" for service in SERVICES for name in tables_of(f"services/{service}/migrations")}
    assert {name for name in TOLD if not name.startswith(("support.", "<"))} == tables


def test_every_time_on_the_page_is_a_setting_with_that_default() -> None:
    """A number of days stands beside the setting it comes from, and is its default."""
    defaults = {setting.name: setting.default for setting in all_settings()}
    said = re.findall(r"(\d+) days[^|`]*`(KEFU_\w+_DAYS)`", PAGE)
    assert len(said) >= 9
    assert [(days, name) for days, name in said if float(defaults[name] or 0) != float(days)] == []
    kept = {name for name in defaults if re.match(r"KEFU_(TOPIC|KEEP)_\w+_DAYS", name)}
    assert {name for name in kept if name not in PAGE} == set()
