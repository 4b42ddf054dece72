"""One line in the list of services and one folder make a service; what else it needs is asked for here, by name."""

import ast
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from cli.settings.catalogue import settings_class, settings_of
from services.migrate import migrations_of
from shared.contracts.registry import EVENT_TYPES
from shared.contracts.services import ERASING, PARTICIPANTS, SERVICES, Participant

ROOT: Final = Path(__file__).parents[2]
DEPLOY: Final = ROOT / "deploy"
LIST: Final = "shared/contracts/services.py"
OUTSIDERS: Final = {"outside", "platform"}
"""Writers of events that are no services of ours."""

every_service = pytest.mark.parametrize("service", PARTICIPANTS, ids=lambda one: one.name)
every_name = pytest.mark.parametrize("name", SERVICES)


def compose() -> dict[str, dict[str, Any]]:
    containers: dict[str, dict[str, Any]] = yaml.safe_load((DEPLOY / "docker-compose.yml").read_text("utf-8"))[
        "services"
    ]
    return containers


def literals(path: Path) -> list[ast.Tuple | ast.List | ast.Set]:
    """Every tuple, list and set that is written out in a file."""
    return [
        node
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Tuple | ast.List | ast.Set)
    ]


def test_every_folder_has_a_line_and_every_line_a_folder() -> None:
    """What lies in `services/` is in the list, and nothing else is."""
    folders = {path.parent.name for path in (ROOT / "services").glob("*/__init__.py")}
    assert folders == set(SERVICES), f"the list is {LIST}"


@every_name
def test_a_folder_has_what_every_service_has(name: str) -> None:
    """A service can be started, wired, told its settings and read about, and has a schema of its own."""
    folder = ROOT / "services" / name
    assert {"README.md", "__main__.py", "app.py", "settings.py", "subscribers.py"} - {
        one.name for one in folder.iterdir()
    } == set()
    assert "def build_app(" in (folder / "app.py").read_text("utf-8")
    assert settings_class(name)
    assert migrations_of(name)


@every_service
def test_who_keeps_what_is_personal_can_seal_it_anew(service: Participant) -> None:
    """Who seals has a data key and tables for `kefu reseal`, in the compose file too, and nobody else has."""
    has_key = "KEFU_DATA_KEY" in {setting.name for setting in settings_of(settings_class(service.name))}
    assert has_key == service.seals
    assert bool(find_spec(f"services.{service.name}.resealing")) == service.seals
    own = f"{service.name.upper()}_DATA_KEY"
    given = str(compose()[service.name]["environment"].get("KEFU_DATA_KEY", ""))
    assert (f"${{{own}:-" in given) == service.seals
    assert (own in compose()["reseal"]["environment"]) == service.seals
    assert (f"{service.name.upper()}_DATABASE_URL" in compose()["reseal"]["environment"]) == service.seals
    assert (f"\n#{own}=" in (DEPLOY / ".env.example").read_text("utf-8")) == service.seals


@every_name
def test_who_hears_of_members_can_forget_them(name: str) -> None:
    """`kefu forget` waits for each service that reads members, so each of them has something that erases."""
    assert bool(find_spec(f"services.{name}.erasure")) == (name in ERASING)


@every_name
def test_a_service_is_itself_to_kafka(name: str) -> None:
    """It connects under its own name, with a password of its own if it was given one, which the example mentions."""
    environment = compose()[name]["environment"]
    assert environment["KEFU_KAFKA_USERNAME"] == name
    assert environment["KEFU_KAFKA_PASSWORD"].startswith(f"${{{name.upper()}_KAFKA_PASSWORD:-")
    assert f"#{name.upper()}_KAFKA_PASSWORD=" in (DEPLOY / ".env.example").read_text("utf-8")


@every_service
def test_who_is_called_by_outsiders_has_a_port_of_the_host(service: Participant) -> None:
    """Who is public is published, under a setting of its own; nobody else is."""
    assert bool(compose()[service.name].get("ports")) == service.public
    assert all(
        port.startswith(f"${{{service.name.upper()}_PUBLISH:-") for port in compose()[service.name].get("ports", ())
    )


def test_the_absence_of_any_service_raises_an_alarm() -> None:
    """The alert for a service of which no replica answers asks for each of them and for nothing else."""
    rules = yaml.safe_load((DEPLOY / "observability" / "alerts.yml").read_text("utf-8"))
    alerts = {rule["alert"]: rule["expr"] for group in rules["groups"] for rule in group["rules"]}
    assert sorted(re.findall(r'absent\(up\{job="(\w+)"\} == 1\)', alerts["ServiceAbsent"])) == sorted(SERVICES)


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_the_front_page_leads_to_every_service(page: str) -> None:
    """Whoever comes to the house finds the door of each service."""
    text = (ROOT / page).read_text("utf-8")
    assert [name for name in SERVICES if f"](services/{name}/README.md)" not in text] == []


def test_every_writer_is_known() -> None:
    """An event has a writer that is a service of ours, or is somebody else's by intention."""
    assert {one.writer for one in EVENT_TYPES} - {*SERVICES} == OUTSIDERS


def test_all_services_are_named_in_one_place() -> None:
    """No second list is written out anywhere: it would be forgotten when a service comes."""
    files = [
        path
        for room in ("shared", "services", "cli", "deploy", "bench", "tests")
        for path in (ROOT / room).rglob("*.py")
    ]
    others = [path for path in files if path != ROOT / LIST]
    lists = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in others
        for node in literals(path)
        if {*SERVICES} <= {one.value for one in node.elts if isinstance(one, ast.Constant)}
    ]
    assert lists == []
