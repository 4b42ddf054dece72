"""The rule files of the promises: what is shipped, and how a mistake is reported."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from services.sla.domain.promises import PolicyInput
from services.sla.rules.promise_files import load_promises
from services.sla.rules.promise_rules import CALENDARS_FILE, PROMISES_FILE
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
    ("policy_input", "policy", "first_answer", "plan"),
    [
        (PolicyInput("standard", "simple", "other"), "standard", 2 * HOUR, None),
        (PolicyInput("standard", "complex", "topup_not_arrived"), "standard", 2 * HOUR, 24 * HOUR),
        (PolicyInput("silver", "complex", "refund"), "standard", 2 * HOUR, 24 * HOUR),
        (PolicyInput("gold", "complex", "refund"), "gold", HOUR, 12 * HOUR),
        (PolicyInput("enterprise", "simple", "refund"), "enterprise", HOUR / 2, None),
        (PolicyInput("standard", "complex", "account_security"), "account_security", HOUR / 2, 4 * HOUR),
        (PolicyInput("platinum", "baffling", "new_type", "odd"), "standard", 2 * HOUR, 24 * HOUR),
    ],
)
def test_the_shipped_promises_are_what_we_promise(
    policy_input: PolicyInput, policy: str, first_answer: timedelta, plan: timedelta | None
) -> None:
    """Two hours to a first answer and a day to a plan, faster for those who pay and for stolen accounts."""
    terms = load_promises(CONFIG).terms_for(policy_input)
    assert terms.policy == policy
    assert terms.first_answer.within == first_answer
    assert (terms.plan and terms.plan.within) == plan


@pytest.mark.parametrize(
    ("promises", "line", "reason"),
    [
        (POLICY.replace("2h", "2 hours"), 4, "not a duration"),
        (POLICY.replace("2h", "0s"), 4, "more than zero"),
        (POLICY.replace("    first_answer: 2h\n", ""), 2, "first_answer: is required: every ticket"),
        (POLICY.replace("always", "nights"), 3, "no calendar 'nights'"),
        (POLICY.replace("name: all", "name: ''"), 2, "name: is empty"),
        (POLICY + "    first_anser: 1h\n", 5, "no such field; there are name, for, calendar,"),
        (POLICY + "    warn_before: 2h\n", 5, "shorter than the first_answer"),
        (POLICY + "    warn_before: 100%\n", 5, "shorter than the first_answer"),
        (POLICY + "    warn_before: half\n", 5, "not a duration"),
        (POLICY + "    ladder: tall\n", 5, "no ladder 'tall'"),
        (POLICY + "    ladder: [tall]\n", 5, "is the name of one in this file"),
        (POLICY + "    for: {tiers: [gold]}\n", 5, "last policy"),
        (POLICY + POLICY.removeprefix("policies:\n").replace("all", "rest"), 2, "never used"),
        (POLICY.replace("  - name: all", "  - for: {tiers: [golden]}\n    name: all"), 2, "unknown value 'golden'"),
        (POLICY + "    first_answer: 1h\n", 5, "given twice"),
        (POLICY + POLICY.removeprefix("policies:\n"), 5, "the name 'all' is given twice"),
        (POLICY + "    warn_before:\n      plam: 1h\n", 6, "unknown value 'plam'; use 'first_answer'"),
        (POLICY + "    max_member_pause: 3 days\n", 5, "not a duration such as 2h"),
        (POLICY.replace("always", "[always]"), 3, "is the name of one in calendars.yaml"),
        (POLICY + "    for: {urgencies: []}\n", 5, "has 0 entries"),
        (POLICY + "ladders:\n  l:\n    rungs: [{team: supervisor, climb_after: 1h}]\n", 7, "no rung above"),
        (
            POLICY + "ladders: {l: {rungs: [" + 4 * "{team: technical, climb_after: 1h}, " + "]}}\n",
            5,
            "takes at most 3",
        ),
        (POLICY + "ladders:\n  l:\n    rungs:\n      - team: boss\n", 8, "unknown value 'boss'; use 'supervisor'"),
        (
            POLICY + "ladders:\n  l:\n    rungs:\n      - team: supervisor\n      - team: technical\n",
            8,
            "climb_after: is required: a duration such as 2h",
        ),
        (POLICY + "ladders:\n  l:\n    rungs: []\n", 7, "has 0 entries; it needs at least 1"),
        (POLICY + "ladders:\n  l:\n    time: lunar\n    rungs: [{team: supervisor}]\n", 7, "use 'working' or 'real'"),
        ("policies: []\n", 1, "has 0 entries; it needs at least 1"),
        ("policies: {}\n", 1, "is a list of policies"),
        ("policies: [{}]\n", 1, "name: is required"),
        ("policies: [{}]\n", 1, "first_answer: is required: every ticket is promised a first answer; a duration"),
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


@pytest.mark.parametrize(
    ("mistake", "line", "reason"),
    [
        ("    timezone: Asia/Shanghai\n", 5, "given twice"),
        ("    weekly: {monday: []}\n", 5, "weekly.monday: unknown value 'monday'; use 'mon', 'tue'"),
        (
            "    weekly:\n      mon:\n        - ['09:00', '12:00']\n        - ['11:00', '13:00']\n",
            8,
            "overlaps another",
        ),
        ("    weekly:\n      mon: [['9:00', '12:00']]\n", 6, "malformed time '9:00'; use HH:MM"),
        ("    weekly:\n      mon: [['22:00', '06:00']]\n", 6, "a night is two intervals"),
        ("    weekly: 9 to 5\n", 5, "is a map of days, mon to sun, each with its intervals"),
        ("    holidays: 2026-10-01\n", 5, "is a list of dates, YYYY-MM-DD"),
        ("    holidays:\n      - 2026-10-01\n      - 1 October\n", 7, "malformed date '1 October'; use YYYY-MM-DD"),
        ("    overrides:\n      2026-02-30: []\n", 6, "there is no day 2026-02-30"),
        ("    recurring_holidays: [2026-12-25]\n", 5, "use MM-DD"),
        ("    country: XX\n", 5, "unknown value 'XX'; use 'CN'"),
        ("    holiday: []\n", 5, "no such field; there are timezone, weekly, holidays"),
        ("  office: {}\n", 5, "timezone: is required: an IANA name such as Asia/Shanghai"),
        ("  office: {timezone: Mars}\n", 5, "unknown time zone 'Mars'; use an IANA name"),
        ("  office: {timezone: UTC}\n", 5, "never opens"),
        ("  office: [UTC]\n", 5, "is a map with timezone, weekly"),
        ("calendar: {}\n", 5, "no such field; there are calendars"),
    ],
)
def test_a_mistake_in_a_calendar_has_its_line_and_remedy(tmp_path: Path, mistake: str, line: int, reason: str) -> None:
    """A mistake in a calendar is reported once, with its file, its line and what to write instead."""
    with pytest.raises(ConfigError) as refused:
        load(tmp_path, POLICY, CALENDARS + mistake)
    (problem,) = refused.value.problems
    assert (problem.file.name, problem.line) == (CALENDARS_FILE, line)
    assert reason in problem.reason


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
    policy_input = PolicyInput("standard", "complex", "other")
    shared = load(tmp_path, both + "10%\n").terms_for(policy_input)
    assert (shared.first_answer.warn_before, shared.plan.warn_before) == (HOUR / 5, HOUR)
    apart = load(tmp_path, both + "{first_answer: 15m, plan: 50%}\n").terms_for(policy_input)
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
