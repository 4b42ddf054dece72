"""Tables and stories on narrow and wide screens, Chinese text included."""

import io
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from cli.cells import wrapped
from cli.simulation.checks import checks
from cli.simulation.day_screen import HEADINGS, DayScreen
from cli.simulation.played import Played
from cli.simulation.story import named
from cli.simulation.tables import Report, print_report
from cli.simulation.texts import cast
from cli.simulation.times import DayClock
from shared.contracts.tickets import TicketEvent
from tests.unit.cli.test_simulation_ledger import NOW, a_good_day

TEXTS = st.text(alphabet=st.sampled_from("ab 卡密，。x1"), max_size=80)


@given(TEXTS, st.integers(min_value=2, max_value=40))
def test_wrapped_lines_fit_and_lose_nothing(text: str, width: int) -> None:
    """However narrow the cell, every line fits and every character that is no blank is still there, in order."""
    lines = wrapped(text, width).split("\n")
    assert all(cell_len(line.rstrip()) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_wide_characters_break_anywhere_and_words_do_not() -> None:
    """Chinese fills the line to its end; a word moves to the next line as a whole."""
    assert wrapped("by phone: 充值没到账，急", 14) == "by phone: 充值\n没到账，急"
    assert wrapped("one two three", 8) == "one two\nthree"


@pytest.mark.parametrize("columns", [80, 200])
def test_report_fits_the_screen(columns: int) -> None:
    """No line is wider than the screen, no heading is cut, and whatever is wrong is said at the end."""
    topics = a_good_day()
    topics.contact("lost", 5)
    ledger = topics.folded(handsets={"n-T-1": 1})
    out = io.StringIO()
    console = Console(file=out, width=columns)
    report = Report(
        ledger=ledger,
        clock=DayClock(NOW.timestamp(), minute=0.1),
        agents={one.id: one for one in cast().agents},
        checks=checks(ledger, topics.played, 1),
        type_names={"refund": "退款"},
        seconds=1.0,
    )
    print_report(console, report)
    lines = out.getvalue().splitlines()
    assert max(map(cell_len, lines)) <= columns
    assert not any("…" in line for line in lines)
    assert "1 lost" in out.getvalue()
    assert lines[-1].endswith("do NOT hold.")


def test_an_agent_is_named_without_the_mark_of_the_run() -> None:
    """What keeps the ids of one run apart takes no room on the screen; which of several teams it is stays."""
    colleague = next(one for one in cast().agents if one.id == "A03")
    assert named("6b033e4f-A03-1", colleague) == f"A03-1 {colleague.name}"
    assert named("A03", colleague) == f"A03 {colleague.name}"


def test_the_course_of_the_day_is_a_table() -> None:
    """Every row stands below its heading and fits a screen of 80 columns, also with thousands of contacts."""
    topics = a_good_day()
    played = Played(sent=dict.fromkeys((("chat", str(number)) for number in range(12_345)), 1))
    played.tickets.update(topics.folded().tickets)
    row = DayScreen(played, DayClock(time.time(), minute=0.1), {}, matters=2).course()
    assert len(row) == len(HEADINGS) <= 80
    assert row[: HEADINGS.index("CONTACTS") + len("CONTACTS")].endswith("12345")


def test_progress_keeps_one_line_for_each_event() -> None:
    """The screen under way is a summary, a bar and a line for each of the latest events, none wider than the screen."""
    topics = a_good_day()
    latest = [seen for seen in topics.seen if isinstance(seen.decoded.event, TicketEvent)][-6:]
    played = Played(tickets=topics.folded().tickets, latest=latest)
    out = io.StringIO()
    console = Console(file=out, width=80)
    console.print(DayScreen(played, DayClock(NOW.timestamp(), minute=0.1), {}, matters=2).screen(80))
    lines = out.getvalue().splitlines()
    assert max(map(cell_len, lines)) <= 80
    assert [line.split()[2] for line in lines[-6:]] == [type(one.decoded.event).__name__[6:].lower() for one in latest]
