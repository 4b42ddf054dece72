"""The rule files of the promises: what is shipped, and how a mistake is reported."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from services.sla.domain.promises import Facts
from services.sla.promise_files import CALENDARS_FILE, PROMISES_FILE, load_promises
from shared.config.files import ConfigError
from tests.shipped import CONFIG

HOUR = timedelta(hours=1)
CALENDARS = "calendars:\n  always:\n    timezone: UTC\n    always_open: true\n"
POLICY = "policies:\n  - name: all\n    calendar: always\n    first_answer: 2h\n"


def load(folder: Path, promises: str, calendars: str = CALENDARS) -> Any:
    (folder / CALENDARS_FILE).write_text(calendars, encoding="utf-8")
    (folder / PROMISES_FILE).write_text(promises, encoding="utf-8")
    return load_promises(folder)


@pytest.mark.parametrize(
    ("facts", "policy", "first_answer", "plan"),
    [
        (Facts("standard", "simple", "other"), "standard", 2 * HOUR, None),
        (Facts("standard", "complex", "topup_not_arrived"), "standard", 2 * HOUR, 24 * HOUR),
        (Facts("silver", "complex", "refund"), "standard", 2 * HOUR, 24 * HOUR),
        (Facts("gold", "complex", "refund"), "gold", HOUR, 12 * HOUR),
        (Facts("enterprise", "simple", "refund"), "enterprise", HOUR / 2, None),
        (Facts("standard", "complex", "account_security"), "account_security", HOUR / 2, 4 * HOUR),
        (Facts("platinum", "baffling", "new_type", "odd"), "standard", 2 * HOUR, 24 * HOUR),
    ],
)
def test_the_shipped_promises(facts: Facts, policy: str, first_answer: timedelta, plan: timedelta | None) -> None:
    """Two hours to a first answer and a day to a plan, faster for those who pay and for stolen accounts."""
    terms = load_promises(CONFIG).terms_for(facts)
    assert terms.policy == policy
    assert terms.first_answer.within == first_answer
    assert (terms.plan and terms.plan.within) == plan


@pytest.mark.parametrize(
    ("promises", "line", "reason"),
    [
        (POLICY.replace("2h", "2 hours"), 4, "not a duration"),
        (POLICY.replace("2h", "0s"), 4, "more than zero"),
        (POLICY.replace("    first_answer: 2h\n", ""), 2, "first_answer: is required"),
        (POLICY.replace("always", "nights"), 3, "no calendar 'nights'"),
        (POLICY.replace("name: all", "name: ''"), 2, "needs a name"),
        (POLICY + "    first_anser: 1h\n", 5, "no such field"),
        (POLICY + "    warn_before: 2h\n", 5, "not before"),
        (POLICY + "    warn_before: 100%\n", 5, "not before"),
        (POLICY + "    warn_before: half\n", 5, "not a duration"),
        (POLICY + "    ladder: tall\n", 5, "no ladder 'tall'"),
        (POLICY + "    ladder: [tall]\n", 5, "no ladder"),
        (POLICY + "    for: {tiers: [gold]}\n", 5, "last policy"),
        (POLICY + POLICY.removeprefix("policies:\n").replace("all", "rest"), 2, "never used"),
        (POLICY.replace("  - name: all", "  - for: {tiers: [golden]}\n    name: all"), 2, "unknown value 'golden'"),
        (POLICY + "    first_answer: 1h\n", 5, "given twice"),
        (POLICY + "ladders:\n  l:\n    rungs:\n      - team: boss\n", 8, "is one of"),
        (
            POLICY + "ladders:\n  l:\n    rungs:\n      - team: supervisor\n      - team: technical\n",
            8,
            "not a duration",
        ),
        (POLICY + "ladders:\n  l:\n    rungs: []\n", 7, "1 to 3 rungs"),
        (POLICY + "ladders:\n  l:\n    time: lunar\n    rungs: [{team: supervisor}]\n", 7, "working"),
        ("policies: []\n", 1, "list of policies"),
        ("policies: [{}]\n", 1, "needs a name"),
        ("policies: [all]\n", 1, "is a map"),
        ("[]\n", 1, "is a map"),
    ],
)
def test_a_mistake_has_its_line_and_reason(tmp_path: Path, promises: str, line: int, reason: str) -> None:
    """A mistake in the promises is reported with its file, its line and what is wrong."""
    with pytest.raises(ConfigError) as refused:
        load(tmp_path, promises)
    found = [(problem.file.name, problem.line) for problem in refused.value.problems if reason in problem.reason]
    assert found == [(PROMISES_FILE, line)], str(refused.value)


def test_both_files_are_reported_together(tmp_path: Path) -> None:
    """A bad calendar and a bad policy are reported in one go, each in its own file."""
    calendars = CALENDARS.replace("true", "maybe") + "  office:\n    timezone: UTC\n    weekly:\n      mon: [[9, 17]]\n"
    with pytest.raises(ConfigError) as refused:
        load(tmp_path, POLICY.replace("2h", "soon"), calendars)
    places = {(problem.file.name, problem.line) for problem in refused.value.problems}
    assert places == {(CALENDARS_FILE, 4), (CALENDARS_FILE, 8), (PROMISES_FILE, 4)}


def test_a_missing_folder_is_reported(tmp_path: Path) -> None:
    """Files that are not there are named, both of them."""
    with pytest.raises(ConfigError) as refused:
        load_promises(tmp_path / "nowhere")
    assert [problem.file.name for problem in refused.value.problems] == [CALENDARS_FILE, PROMISES_FILE]


def test_a_warning_may_differ_by_clock(tmp_path: Path) -> None:
    """A share is taken of each promise, a map gives each clock its own warning, what it leaves out is not warned of."""
    both = POLICY + "    plan: 10h\n    next_answer: 1h\n    warn_before: "
    facts = Facts("standard", "complex", "other")
    shared = load(tmp_path, both + "10%\n").terms_for(facts)
    assert (shared.first_answer.warn_before, shared.plan.warn_before) == (HOUR / 5, HOUR)
    apart = load(tmp_path, both + "{first_answer: 15m, plan: 50%}\n").terms_for(facts)
    assert apart.first_answer.warn_before == HOUR / 4
    assert apart.plan.warn_before == 5 * HOUR
    assert apart.next_answer.warn_before == 0 * HOUR


def test_an_operator_hears_where_knowledge_of_holidays_ends(tmp_path: Path) -> None:
    """A promise over unpublished Chinese make-up days is warned of in time, a calendar nobody uses is not."""
    calendars = CALENDARS + "  unused:\n    timezone: UTC\n    country: CN\n    weekly: {mon: [['09:00', '18:00']]}\n"
    assert load(tmp_path, POLICY, calendars).warnings(date(2026, 12, 1)) == []
    used = load(tmp_path, POLICY.replace("always", "unused"), calendars)
    assert used.warnings(date(2026, 6, 1)) == []
    assert len(used.warnings(date(2026, 12, 1))) == 1


scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5))
keys = st.sampled_from(
    ["name", "for", "calendar", "first_answer", "plan", "warn_before", "ladder", "ladders", "policies", "rungs", "team",
     "climb_after", "time", "tiers", "l", "max_member_pause", "calendars", "always", "timezone", "weekly", "mon"]
)  # fmt: skip
values = st.recursive(
    st.one_of(scalars, st.sampled_from(["2h", "UTC", "supervisor", "always", "l"])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=5)),
    max_leaves=12,
)


@given(values, values)
@settings(max_examples=150, deadline=None)
def test_whatever_is_written_is_answered_with_problems(
    tmp_path_factory: pytest.TempPathFactory, promises: object, calendars: object
) -> None:
    """No content, however odd, gets past the check or breaks it: it is refused with problems."""
    folder = tmp_path_factory.mktemp("rules")
    with pytest.raises(ConfigError) as refused:
        load(folder, yaml.safe_dump({"policies": [promises]}), yaml.safe_dump({"calendars": calendars}))
    assert refused.value.problems
