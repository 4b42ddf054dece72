"""The official contacts: which a member is told, and what the rule files may say."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.notify.domain.directory import Directory, DirectoryEntry
from services.notify.rules.rule_files import load_rules
from shared.config.files import ConfigError
from tests.shipped import CONFIG
from tests.unit.notify.samples import NOW, POLICY

HOTLINE = {"id": "hotline", "kind": "tel", "value": "400-555-0100", "display": {"zh-CN": "热线"}}


def _ids(tier: str, problem: str) -> list[str]:
    return [entry.id for entry in POLICY.directory.pick(tier=tier, problem_type=problem, now=NOW)]


def test_a_member_is_told_what_is_public_and_their_tiers() -> None:
    """A member is told what is public and what is their tier's, the latter first."""
    assert _ids("standard", "refund") == ["hotline", "app_chat", "website", "email"]
    assert _ids("enterprise", "refund")[:3] == ["gold_line", "gold_qq", "enterprise_line"]
    assert _ids("a tier of the future", "refund") == _ids("standard", "refund")


def test_a_line_made_for_the_matter_comes_first() -> None:
    """A line made for the matter comes first, and only for that matter."""
    assert _ids("standard", "dispute")[0] == "security_line"
    assert "security_line" not in _ids("standard", "refund")


@pytest.mark.parametrize(("days", "there"), [(-1, False), (0, True), (1, False)])
def test_an_entry_is_named_while_it_is_in_force(days: int, there: bool) -> None:
    """An entry is named from its first moment to before its last."""
    until = NOW + timedelta(days=1)
    entry = DirectoryEntry.model_validate({**HOTLINE, "valid_from": NOW.isoformat(), "valid_until": until.isoformat()})
    found = Directory([entry]).pick(tier="standard", problem_type="refund", now=NOW + timedelta(days=days))
    assert bool(found) is there


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"value": "13800138000x"}, "is not a canonical tel value"),
        ({"kind": "url", "value": "http://kefu.example.com"}, "is not a canonical url value"),
        ({"display": {"en": "Hotline"}}, "display needs a zh-CN text"),
        ({"tiers": ["gold"]}, "tiers are given for visibility tier"),
        ({"visibility": "tier"}, "tiers are given for visibility tier"),
        ({"hours": "9-18"}, "should match pattern"),
        ({"colour": "red"}, "no such field; there are"),
        ({"visibility": "tier", "tiers": ["gold"]}, "needs a public 400 or 95 number"),
        ({"value": "+8613800138000"}, "needs a public 400 or 95 number"),
        ({"valid_until": "2027-01-01T00:00:00Z"}, "needs a public 400 or 95 number"),
        (
            {"display": {"zh-CN": "热线,或加微信 fraud888"}},
            "display.zh-CN: names a contact or address itself (messenger)",
        ),
        ({"display": {"zh-CN": "热线", "en": "or call 1381234567"}}, "names a contact or address itself (digits)"),
    ],
)
def test_a_mistake_is_reported_with_its_line(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    """A mistake in the directory is reported with its file, line and reason."""
    _copy_config(tmp_path)
    (tmp_path / "directory.yaml").write_text(yaml.safe_dump({"entries": [{**HOTLINE, **change}]}), "utf-8")
    with pytest.raises(ConfigError) as refused:
        load_rules(tmp_path)
    problem = refused.value.problems[0]
    assert (problem.file.name, said in problem.reason) == ("directory.yaml", True)
    assert problem.line > 0


def test_one_number_under_two_names_is_a_mistake(tmp_path: Path) -> None:
    """The same number under two names is a mistake."""
    _copy_config(tmp_path)
    twice = {"entries": [HOTLINE, {**HOTLINE, "id": "other"}]}
    (tmp_path / "directory.yaml").write_text(yaml.safe_dump(twice), "utf-8")
    with pytest.raises(ConfigError, match="is there twice"):
        load_rules(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("channels: [push, sms]", "channels: [email]", "no provider sends by email"),
        ("[2, 5, 15, 30]", "[2, 5, 5]", "must ascend"),
        ("  resolved:", "  solved:", "kinds.solved"),
        ("per_hour: 5", "per_hour: 0", "greater than or equal to 1"),
    ],
)
def test_a_mistake_in_the_rules_of_notices_is_reported(tmp_path: Path, old: str, new: str, said: str) -> None:
    """A mistake in the rules of notices is reported where it is."""
    _copy_config(tmp_path)
    text = (tmp_path / "notices.yaml").read_text("utf-8")
    (tmp_path / "notices.yaml").write_text(text.replace(old, new), "utf-8")
    with pytest.raises(ConfigError) as refused:
        load_rules(tmp_path)
    assert said in str(refused.value)


def test_every_file_is_reported(tmp_path: Path) -> None:
    """Mistakes of several files are named together."""
    with pytest.raises(ConfigError) as refused:
        load_rules(tmp_path)
    assert [problem.file.name for problem in refused.value.problems] == ["notices.yaml", "directory.yaml", "zh-CN.yaml"]


def _copy_config(folder: Path) -> None:
    (folder / "templates").mkdir()
    for name in ("notices.yaml", "directory.yaml", "templates/zh-CN.yaml", "templates/en.yaml"):
        (folder / name).write_text((CONFIG / name).read_text("utf-8"), "utf-8")
