"""What a calendar may say, and how each mistake in it is named."""

import pytest

from services.sla.domain.calendar import Calendar, CalendarError

OFFICE = {"mon": [["09:00", "18:00"]]}


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"timezone": None}, "timezone"),
        ({"timezone": "Asia/Atlantis"}, "timezone"),
        ({"timezone": "America"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"weekly": {"mon": [["9:00", "18:00"]]}}, "weekly.mon.0.0"),
        ({"weekly": {"mon": [["09:00", "24:01"]]}}, "weekly.mon.0.1"),
        ({"weekly": {"mon": [["09:60", "18:00"]]}}, "weekly.mon.0.0"),
        ({"weekly": {"mon": [["24:00", "24:00"]]}}, "weekly.mon.0"),
        ({"weekly": {"mon": [[9, "18:00"]]}}, "weekly.mon.0.0"),
        ({"weekly": {"mon": [["09:00"]]}}, "weekly.mon.0"),
        ({"weekly": {"mon": [["09:00", "09:00"]]}}, "weekly.mon.0"),
        ({"weekly": {"mon": [["22:00", "06:00"]]}}, "weekly.mon.0"),
        ({"weekly": {"mon": [["09:00", "12:00"], ["11:59", "18:00"]]}}, "weekly.mon.1"),
        ({"weekly": {"mon": "09:00-18:00"}}, "weekly.mon"),
        ({"weekly": {"monday": [["09:00", "18:00"]]}}, "weekly.monday"),
        ({"weekly": [["09:00", "18:00"]]}, "weekly"),
        ({"holidays": ["2026-02-29"]}, "holidays.0"),
        ({"holidays": ["2026-10-01", "1 October"]}, "holidays.1"),
        ({"holidays": "2026-10-01"}, "holidays"),
        ({"recurring_holidays": ["02-30"]}, "recurring_holidays.0"),
        ({"recurring_holidays": ["2026-12-25"]}, "recurring_holidays.0"),
        ({"overrides": {"20261010": [["09:00", "18:00"]]}}, "overrides.20261010"),
        ({"overrides": {"2026-10-10": [["18:00", "09:00"]]}}, "overrides.2026-10-10.0"),
        ({"breaks": {"2026-10-10": [["18:00", "9:00"]]}}, "breaks.2026-10-10.0.1"),
        ({"always_open": "yes"}, "always_open"),
        ({"country": "XX"}, "country"),
        ({"holiday": ["2026-10-01"]}, "holiday"),
    ],
)
def test_a_mistake_is_refused_at_its_field(fields: dict[str, object], where: str) -> None:
    """A calendar with a mistake is refused, and the refusal names the one offending field."""
    with pytest.raises(CalendarError) as refused:
        Calendar.parse({"timezone": "Asia/Shanghai", "weekly": OFFICE} | fields)
    assert [".".join(map(str, problem.where)) for problem in refused.value.problems] == [where]


def test_every_mistake_is_named_at_once() -> None:
    """An operator sees all mistakes of a calendar in one go."""
    with pytest.raises(CalendarError) as refused:
        Calendar.parse({"timezone": "Mars", "weekly": {"sun": [["x", "y"]]}, "holidays": ["never"]})
    assert len(refused.value.problems) == 4


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"weekly": {}},
        {"weekly": {"mon": [], "tue": None}},
        {"overrides": {"2026-10-10": []}},
        {"overrides": {"2026-10-10": [["09:00", "18:00"]]}, "holidays": ["2026-10-10"]},
        {"overrides": {"2026-10-10": [["09:00", "10:00"]]}, "breaks": {"2026-10-10": [["08:00", "12:00"]]}},
        {
            "weekly": OFFICE,
            "recurring_holidays": [f"{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 32)
                                   if day <= (29 if month == 2 else 30 if month in (4, 6, 9, 11) else 31)],
        },
    ],
)  # fmt: skip
def test_a_calendar_that_never_opens_is_refused(fields: dict[str, object]) -> None:
    """A calendar without a single open moment is refused before a promise is made on it."""
    with pytest.raises(CalendarError, match="never opens"):
        Calendar.parse({"timezone": "Asia/Shanghai"} | fields)


@pytest.mark.parametrize("document", [None, [], "Asia/Shanghai", 3])
def test_what_is_no_calendar_is_refused(document: object) -> None:
    """Anything but an object is refused as a whole."""
    with pytest.raises(CalendarError):
        Calendar.parse(document)


def test_null_means_not_given() -> None:
    """A field that is null is as good as left out."""
    written = {"timezone": "UTC", "weekly": OFFICE, "holidays": None, "country": None, "overrides": None}
    assert Calendar.parse(written).rules == Calendar.parse({"timezone": "UTC", "weekly": OFFICE}).rules


def test_the_version_follows_what_is_written() -> None:
    """The order of fields does not change a calendar's version, any content does."""
    one = Calendar.parse({"timezone": "UTC", "weekly": OFFICE})
    same = Calendar.parse({"weekly": OFFICE, "timezone": "UTC"})
    other = Calendar.parse({"timezone": "UTC", "weekly": OFFICE, "holidays": ["2026-10-01"]})
    assert one.version == same.version != other.version
