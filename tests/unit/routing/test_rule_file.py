"""The rule file, and its mistakes."""

import re
import shutil
from pathlib import Path

import pytest

from services.routing.rules.model import SHIPPED
from services.routing.rules.rule_file import load_rules
from shared.config.files import ConfigError
from tests.shipped import CONFIG

SHIPPED_FILE = Path("config/queues.yaml")


def test_every_problem_type_has_a_queue() -> None:
    """The shipped file takes every problem type; one that nobody thought of goes to the default queue."""
    rules = load_rules(CONFIG)
    assert all(rules.knows_type(problem_type) for problem_type in SHIPPED)
    assert rules.queue_for("topup_not_arrived") == "order"
    assert rules.queue_for("weather") == rules.default_queue


@pytest.mark.parametrize(
    ("right", "wrong", "line_of", "reason"),
    [
        ("default_queue: general", "default_queue: genral", "default_queue", "there is no queue 'genral'"),
        ("  member: {", "  member: {problem_types: [a, b, a], ", "  member: {", "a stands in two places"),
        ("accept_seconds: 45", "accept_seconds: 0", "accept_seconds: 0", "greater than 0"),
        (
            "accept_seconds: 45",
            "accept_secs: 45",
            "accept_secs: 45",
            "no such field; there are problem_types, teams, accept_seconds",
        ),
        ("tiers: [enterprise]", "tiers: [platinum]", "tiers: [platinum]", "'standard', 'silver'"),
        ("technical: technical,", "technical: tech,", "technical: tech,", "there is no queue 'tech'"),
        ("technical: technical,", "technical: order,", "technical: order,", "is not served by technical"),
        ("problem_types: [topup_not_arrived]\n", "problem_types: [top_up]\n", "[top_up]", "'top_up' is not a problem"),
    ],
)
def test_a_mistake_is_reported_with_its_line(tmp_path: Path, right: str, wrong: str, line_of: str, reason: str) -> None:
    """A mistake is reported with its file, its line and what is wrong."""
    text = SHIPPED_FILE.read_text("utf-8")
    assert right in text
    changed = text.replace(right, wrong)
    shutil.copytree("config", tmp_path, dirs_exist_ok=True)
    (tmp_path / "queues.yaml").write_text(changed, "utf-8")
    with pytest.raises(ConfigError) as refused:
        load_rules(tmp_path)
    problem = next(problem for problem in refused.value.problems if reason in problem.reason)
    lines = [number for number, line in enumerate(changed.splitlines(), 1) if line_of in line]
    assert problem.line in lines
    assert str(problem).startswith(f"{tmp_path / 'queues.yaml'}:{problem.line}: ")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("queue: refnd", "refund.yaml:6: queue: there is no queue 'refnd' in queues.yaml: order, member"),
        ("", "queues.yaml:4: queues: no queue takes refund; name one in problem_types/refund.yaml"),
    ],
)
def test_a_type_without_its_queue(tmp_path: Path, line: str, reason: str) -> None:
    """A type that is shipped has a queue that exists; the mistake is told where it can be mended."""
    shutil.copytree("config", tmp_path, dirs_exist_ok=True)
    path = tmp_path / "problem_types" / "refund.yaml"
    path.write_text(path.read_text("utf-8").replace("queue: refund", line), "utf-8")
    with pytest.raises(ConfigError, match=re.escape(reason)):
        load_rules(tmp_path)


def test_queues_may_list_their_types(tmp_path: Path) -> None:
    """A folder whose queues list the types goes on working; a type that is placed twice is refused."""
    shutil.copytree("config", tmp_path, dirs_exist_ok=True)
    queues = tmp_path / "queues.yaml"
    queues.write_text(queues.read_text("utf-8").replace("  refund: {", "  refund: {problem_types: [refund], "), "utf-8")
    with pytest.raises(ConfigError, match="lists refund for the queue 'refund' already"):
        load_rules(tmp_path)
    path = tmp_path / "problem_types" / "refund.yaml"
    path.write_text(path.read_text("utf-8").replace("queue: refund\n", ""), "utf-8")
    assert load_rules(tmp_path).queue_for("refund") == "refund"
