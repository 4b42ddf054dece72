"""The walks of docs/changing.md that need no code, walked: a problem type and a channel of an operator's own."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.config.checking import check_folder
from services.intake.rules.channels import load_channels
from services.intake.rules.problem_types import load_problem_types
from services.intake.understanding.filter import understand_lines
from services.routing.rules.rule_file import load_rules
from services.sla.domain.promises import PolicyInput
from services.sla.rules.promise_files import load_promises

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
WARRANTY = """\
id: warranty
names: {zh: 质保, en: Warranty}
description: The member asks about the warranty of hardware.
queue: refund
rules:
  - id: names_it
    weight: 4
    any: ["质保|保修|warranty"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped rule files."""
    shutil.copytree("config", tmp_path / "config")
    return tmp_path / "config"


def change(path: Path, old: str, new: str) -> None:
    """Replaces the one place where it says so."""
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")


def mistakes(folder: Path) -> list[str]:
    """What the check says, without the folder."""
    return [str(problem).removeprefix(f"{folder}/") for problem in check_folder(folder)[1]]


def test_a_problem_type_is_one_file(folder: Path) -> None:
    """With its file alone a new type is understood, has a queue and a promise, and may be corrected to."""
    (folder / "problem_types" / "warranty.yaml").write_text(WARRANTY, "utf-8")
    assert mistakes(folder) == []
    line = json.dumps({"id": 1, "text": "这个键盘的质保怎么算"})
    answer = json.loads(next(understand_lines([line], load_problem_types(folder), NOW)))
    assert (answer["problem_type"], answer["missing"]) == ("warranty", [])
    rules = load_rules(folder)
    assert rules.queue_for("warranty") == "refund"
    assert rules.knows_type("warranty")
    assert load_promises(folder).terms_for(PolicyInput("gold", "simple", "warranty", "normal")).policy == "gold"


def test_a_problem_type_may_be_promised_more(folder: Path) -> None:
    """A policy names the type; a misspelt name is not silently a promise to nobody."""
    (folder / "problem_types" / "warranty.yaml").write_text(WARRANTY, "utf-8")
    change(folder / "promises.yaml", "problem_types: [account_security]", "problem_types: [account_security, warranty]")
    assert mistakes(folder) == []
    terms = load_promises(folder).terms_for(PolicyInput("standard", "simple", "warranty", "normal"))
    assert terms.policy == "account_security"
    (folder / "problem_types" / "warranty.yaml").unlink()
    assert mistakes(folder) == [
        "promises.yaml:34: policies.0.for.problem_types.1: there is no problem type 'warranty'; "
        "it would be problem_types/warranty.yaml"
    ]


def test_a_problem_type_without_a_queue_is_named(folder: Path) -> None:
    """The check names the file that lacks the queue; the service would have it wait in the default one."""
    text = WARRANTY.replace("queue: refund\n", "")
    (folder / "problem_types" / "warranty.yaml").write_text(text, "utf-8")
    (told,) = mistakes(folder)
    assert told == "problem_types/warranty.yaml:1: queue: is missing: name one of the queues of queues.yaml"
    assert load_rules(folder).queue_for("warranty") == "general"
    assert load_rules(folder).knows_type("warranty")


def test_a_channel_is_one_entry(folder: Path) -> None:
    """An operator's own channel needs its rules and nothing else: it may assert what they say and has a name."""
    change(folder / "channels.yaml", "  social:", "  kiosk:\n    may_assert_identity: true\n  social:")
    assert mistakes(folder) == []
    channels = load_channels(folder)
    assert channels.rules_of("kiosk").may_assert_identity
    assert (channels.label("kiosk"), channels.label("nobody's")) == ("kiosk", "other")


def test_a_channel_of_the_contract_without_rules_is_named(folder: Path) -> None:
    """A channel that was forgotten, or misspelt, is told where its rules belong."""
    change(folder / "channels.yaml", "  social:", "  sozial:")
    (told,) = mistakes(folder)
    assert told == "channels.yaml:11: channels: says nothing of social: may it assert who is speaking?"
