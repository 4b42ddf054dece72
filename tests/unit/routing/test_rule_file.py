"""The rule file, and its mistakes."""

from pathlib import Path

import pytest

from services.routing.domain.rules import SHIPPED
from services.routing.rule_file import load_rules
from shared.config_files import ConfigError

SHIPPED_FILE = Path("config/queues.yaml")


def test_every_problem_type_has_a_queue() -> None:
    """The shipped file takes every problem type; one that nobody thought of goes to the default queue."""
    rules = load_rules(Path("config"))
    assert all(rules.knows_type(problem_type) for problem_type in SHIPPED)
    assert rules.queue_for("topup_not_arrived") == "order"
    assert rules.queue_for("weather") == rules.default_queue


@pytest.mark.parametrize(
    ("right", "wrong", "line_of", "reason"),
    [
        ("default_queue: general", "default_queue: genral", "default_queue", "there is no queue 'genral'"),
        ("problem_types: [refund]", "problem_types: [refund, dispute]", "[refund, dispute]", "dispute stands in two"),
        ("problem_types: [refund]", "problem_types: []", "queues:", "no queue takes refund"),
        ("accept_seconds: 45", "accept_seconds: 0", "accept_seconds: 0", "greater than 0"),
        ("accept_seconds: 45", "accept_secs: 45", "accept_secs: 45", "Extra inputs"),
        ("tiers: [enterprise]", "tiers: [platinum]", "tiers: [platinum]", "'standard', 'silver'"),
        ("technical: technical,", "technical: tech,", "technical: tech,", "there is no queue 'tech'"),
        ("technical: technical,", "technical: order,", "technical: order,", "is not served by technical"),
        ("problem_types: [topup_not_arrived]\n", "problem_types: [top_up]\n", "[top_up]", "'top_up' is not a problem"),
    ],
)
def test_mistakes(tmp_path: Path, right: str, wrong: str, line_of: str, reason: str) -> None:
    """A mistake is reported with its file, its line and what is wrong."""
    text = SHIPPED_FILE.read_text("utf-8")
    assert right in text
    changed = text.replace(right, wrong)
    (tmp_path / "queues.yaml").write_text(changed, "utf-8")
    with pytest.raises(ConfigError) as refused:
        load_rules(tmp_path)
    problem = next(problem for problem in refused.value.problems if reason in problem.reason)
    lines = [number for number, line in enumerate(changed.splitlines(), 1) if line_of in line]
    assert problem.line in lines
    assert str(problem).startswith(f"{tmp_path / 'queues.yaml'}:{problem.line}: ")
