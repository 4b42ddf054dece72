"""The rules of the house as far as a machine can hold them: what CONTRIBUTING.md says under "Style", counted."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from prometheus_client.metrics import MetricWrapperBase

from cli.settings.catalogue import all_settings
from shared.contracts.registry import EVENT_TYPES
from shared.contracts.services import DEAD_LETTERS, GROUPS
from shared.contracts.topics import ALL
from shared.telemetry import metrics

ROOT: Final = Path(__file__).parents[2]
ROOMS: Final = ("shared", "services", "cli", "deploy")
LONGEST_FILE: Final = 300
SQL_CALLS: Final = frozenset({"execute", "executemany", "fetch", "fetchrow", "fetchval", "cursor"})
TOPICS_ARE_SPELLED_IN: Final = ("shared/contracts/topics.py", "shared/contracts/registry.py")

SAME_NAME: Final = {
    "main": "the entry point of each program",
    "build_app": "the wiring of each service",
    "Sender": "of a contact, who wrote; of a notice, the port to a provider",
    "Service": "shared: what a service is made of; deploy.local: how many processes of it run",
}
"""Names that stand for two things, and why that misleads nobody."""

NOT_SETTINGS: Final = frozenset({"KEFU_STACK"})
"""A mark that the local stack puts on its processes; nobody sets it."""


Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def sources(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def public_definitions(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, Definition]]:
    """Public classes and functions of a module, and the public methods of public classes; none inside a function."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, Definition) and not node.name.startswith("_"):
            yield prefix + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from public_definitions(node, f"{node.name}.")


def texts(tree: ast.Module) -> Iterator[str]:
    """The string constants of a module that are no docstrings."""
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.value


SOURCES: Final = {name_of(path): parsed(path) for path in sources(*ROOMS)}
TESTS: Final = {name_of(path): parsed(path) for path in sources("tests")}
DOCUMENTS: Final = (*ROOT.glob("*.md"), *(path for room in (*ROOMS, "docs") for path in (ROOT / room).rglob("*.md")))

ONE_SENTENCE: Final = re.compile(r"[^.?!]+(?:[.?!](?! [A-Z\"`])[^.?!]*)*[.?!]")
MEANING_AND_REMEDY: Final = re.compile(r".+\. [^.:]+: .+\.")


def test_a_test_states_its_promise_in_one_sentence() -> None:
    """Each test has a docstring of one sentence, so that the list of them reads as what is promised."""
    silent = [
        f"{name}: {node.name}"
        for name, tree in TESTS.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
        if not ONE_SENTENCE.fullmatch(" ".join((ast.get_docstring(node) or "").split()))
    ]
    assert silent == []


def test_what_is_public_says_what_it_promises() -> None:
    """Every module that is not empty, and every public class, function and method in it, has a docstring."""
    silent = [name for name, tree in SOURCES.items() if tree.body and not ast.get_docstring(tree)]
    for name, tree in SOURCES.items():
        silent += [f"{name}: {defined}" for defined, node in public_definitions(tree) if not ast.get_docstring(node)]
    assert silent == []


def test_a_file_can_be_read_in_one_sitting() -> None:
    """No file is longer than three hundred lines, tests included."""
    lengths = {name: len((ROOT / name).read_text("utf-8").splitlines()) for name in (*SOURCES, *TESTS)}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_statements_are_named_constants() -> None:
    """No SQL is written where it is used: whoever looks for what a service asks its database finds it in one place."""
    written = [
        f"{name}:{node.lineno} {ast.unparse(node)[:100]}"
        for name, tree in SOURCES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in SQL_CALLS
        if node.args and isinstance(node.args[0], ast.Constant | ast.JoinedStr | ast.BinOp)
    ]
    assert written == []


def test_a_topic_is_spelled_once() -> None:
    """Nothing outside the contract spells a topic or an event type: mistyped, it would be one that nobody reads."""
    names = {topic.name for topic in ALL} | set(DEAD_LETTERS) | {one.name for one in EVENT_TYPES}
    spelled = [(name, text) for name, tree in SOURCES.items() for text in texts(tree) if text in names]
    assert [(name, text) for name, text in spelled if name not in TOPICS_ARE_SPELLED_IN] == []


def test_every_setting_that_is_named_exists() -> None:
    """Messages, comments and documents name only settings that something reads."""
    known = {setting.name for setting in all_settings()} | NOT_SETTINGS
    named = {
        (name_of(path), setting)
        for path in (*(ROOT / name for name in SOURCES), *DOCUMENTS)
        for setting in re.findall(r"\bKEFU_[A-Z0-9_]*[A-Z0-9]\b", path.read_text("utf-8"))
    }
    assert {(place, setting) for place, setting in named if setting not in known} == set()


def test_a_metric_has_a_meaning_and_a_remedy() -> None:
    """Each metric says what it counts, what looks wrong and what to do then, under a name as Prometheus wants it."""
    found = [one for one in vars(metrics).values() if isinstance(one, MetricWrapperBase)]
    assert found
    assert [one._name for one in found if not MEANING_AND_REMEDY.fullmatch(one._documentation)] == []
    assert [one._name for one in found if not one._name.startswith("kefu_")] == []


def test_a_name_means_one_thing() -> None:
    """A public name of `shared` stands for nothing else anywhere, and within a service each name for one thing."""
    places: dict[str, set[str]] = defaultdict(set)
    for file, tree in SOURCES.items():
        for node in tree.body:
            if isinstance(node, Definition) and node.name not in SAME_NAME:
                places[node.name].add(file)
    twice = {name: files for name, files in places.items() if len(files) > 1 and not name.startswith("_")}
    clashes = {
        name: files
        for name, files in twice.items()
        if any(file.startswith("shared/") for file in files) or len({_room(file) for file in files}) < len(files)
    }
    assert clashes == {}


def _room(file: str) -> str:
    """The service a file belongs to; elsewhere the file itself."""
    return "/".join(file.split("/")[:2]) if file.startswith("services/") else file


def test_what_documents_point_at_is_there() -> None:
    """Every relative link of a document leads to a file, and every `make` command it names is a target."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    missing = []
    for path in DOCUMENTS:
        text = path.read_text("utf-8")
        links = [link for link in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in link]
        missing += [(name_of(path), link) for link in links if not (path.parent / link).exists()]
        missing += [(name_of(path), word) for word in re.findall(r"`make ([a-z-]+)", text) if word not in targets]
    assert missing == []


@pytest.mark.parametrize("service", sorted(GROUPS))
def test_the_canvas_of_a_service_is_true(service: str) -> None:
    """A service's README names exactly the topics it reads, and every event that only it may write."""
    canvas = (ROOT / "services" / service / "README.md").read_text("utf-8")
    rows = [line.split("|") for line in canvas.splitlines() if line.count("|") >= 3]
    row = {name.strip("* ").lower(): text for _, name, text, *_ in rows}
    assert set(re.findall(r"support\.[a-z]+\.v1", row["consumes"])) == {topic.name for topic in GROUPS[service]}
    written = [one.name.split(".")[2] for one in EVENT_TYPES if one.writer == service]
    assert [verb for verb in written if verb not in row["publishes"]] == []
