"""Tickets on the screen: what a person sees of a list, a story and a watch."""

import io
from datetime import timedelta
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from cli import output, table
from cli.scanning import ScanProgress
from cli.tickets import screens
from cli.tickets.repeats import Repeats
from cli.tickets.screens import WatchScreen, print_list, print_ticket
from cli.tickets.view import Entry, TicketView
from shared.contracts import tickets
from shared.contracts.envelope import Envelope
from shared.contracts.tickets import AssignmentReason
from tests.unit.cli.test_kefu_ticket_view import AGENT, OPENED_AT, Life

TEXT = "卡密在有效期内，已为您重新激活，请再试一次；如仍不能使用，请直接回复本消息，电话13900001234。"


@pytest.fixture
def ticket() -> TicketView:
    """A ticket with a promise that broke and a long answer, over two days."""
    life = Life()
    life.promised()
    life.happened(tickets.TicketAssigned, 1, agent_id="A1", queue="order", reason=AssignmentReason(rule="skill"))
    life.happened(tickets.TicketBreached, 300, clock="first_answer", due=OPENED_AT + timedelta(seconds=300))
    return life.happened(tickets.TicketAnswered, 90_000, by=AGENT, text=TEXT)


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """What a function prints on a terminal of so many columns, or for a program with None."""

    def shown(width: int | None, show: Any, *given: Any) -> list[str]:
        for module in (output, table, screens):
            monkeypatch.setattr(module, "terminal_width", lambda: width)
        capsys.readouterr()
        show(*given)
        return capsys.readouterr().out.splitlines()

    return shown


@pytest.mark.parametrize("width", [60, 80, 200])
def test_a_ticket_and_a_list_fit_the_screen(screen: Any, ticket: TicketView, width: int) -> None:
    """No line is wider than the screen, and the ticket's number and id are in one piece."""
    whole, listed = screen(width, print_ticket, ticket), screen(width, print_list, [ticket] * 3)
    assert max(map(cell_len, [*whole, *listed])) <= width
    assert any(ticket.ticket_no in line for line in whole)
    assert any(ticket.ticket_id in line for line in whole)
    assert sum(ticket.ticket_no in line for line in listed) == 3


def test_a_long_text_of_the_story_hangs_below_its_beginning(screen: Any, ticket: TicketView) -> None:
    """The lines after the first begin where the text began, so that times and verbs stay a column."""
    lines = screen(80, print_ticket, ticket)
    at = next(number for number, line in enumerate(lines) if "answered     by agent A1" in line)
    margin = lines[at].index("by agent A1")
    assert lines[at + 1].startswith(" " * margin)
    assert lines[at + 1][margin] != " "


def test_every_day_of_a_story_has_a_heading_with_its_zone(screen: Any, ticket: TicketView) -> None:
    """Times below a heading of date and offset; a story over two days has two."""
    lines = screen(80, print_ticket, ticket)
    headings = [line.strip() for line in lines if line.endswith(")") and line.strip().startswith("2026-10-")]
    assert len(headings) == 2
    assert OPENED_AT.astimezone().isoformat(" ", "seconds")[19:] in headings[0]


def test_phone_numbers_are_masked_for_people(screen: Any, ticket: TicketView) -> None:
    """What an agent wrote comes without the number in it, in the story and when watching."""
    watch = WatchScreen()
    for lines in (screen(None, print_ticket, ticket), screen(None, watch.print, ticket.story[-1])):
        assert "139****1234" in "".join(lines)
        assert "13900001234" not in "".join(lines)


def test_watching_writes_for_a_program_a_line_an_event_with_its_whole_time(screen: Any, ticket: TicketView) -> None:
    """A pipe gets date, time and offset on each line, however long it is."""
    watch = WatchScreen()
    for entry in ticket.story:
        (line,) = screen(None, watch.print, entry)
        assert line.startswith(entry.event.at.astimezone().isoformat(" ", "seconds"))


def test_watching_fits_the_screen_and_says_the_day_once(screen: Any, ticket: TicketView) -> None:
    """On a terminal the day is a heading, and no line is wider than the screen."""
    watch = WatchScreen()
    lines = [line for entry in ticket.story for line in screen(60, watch.print, entry)]
    assert max(map(cell_len, lines)) <= 60
    assert sum(line.startswith("2026-10-") for line in lines) == 2


def test_an_event_that_comes_again_is_known() -> None:
    """The same source and id is a repeat; the same id of another source is not."""
    repeats = Repeats(remembered=2)
    first = Envelope("e-1", "/kefu/sla", "support.ticket.promised.v1")
    assert [repeats.is_first(first), repeats.is_first(first)] == [True, False]
    assert repeats.is_first(Envelope("e-1", "/kefu/routing", "support.ticket.queued.v1"))


def test_the_memory_for_repeats_has_an_end() -> None:
    """Watching for weeks takes no more memory than a hundred thousand ids; what is older is forgotten."""
    repeats = Repeats(remembered=2)
    events = [Envelope(f"e-{number}", "/kefu/sla", "support.ticket.promised.v1") for number in range(3)]
    assert all(repeats.is_first(event) for event in events)
    assert not repeats.is_first(events[2])
    assert repeats.is_first(events[0])


def test_a_long_scan_says_how_far_it_is_on_a_terminal_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a second of waiting a person learns how many records are read; a file gets nothing."""
    monkeypatch.setattr("cli.scanning.PATIENCE_SECONDS", 0.0)
    said = {}
    for is_terminal in (True, False):
        out = io.StringIO()
        console = Console(file=out, force_terminal=is_terminal, force_interactive=is_terminal, width=80)
        with ScanProgress("support.ticket.v1", console) as progress:
            progress.begin(2000)
            progress.advance(500)
        said[is_terminal] = out.getvalue()
    assert "Reading support.ticket.v1: 500 of 2,000 records" in said[True]
    assert said[False] == ""


def test_an_entry_bears_the_name_of_its_event() -> None:
    """The verb is the third word of the event's type, with id and source beside it."""
    event = Life().view.story[0].event
    entry = Entry.of(Envelope("e-1", "/kefu/intake", "support.ticket.opened.v1"), event, 7)
    assert (entry.verb, entry.event_id, entry.source, entry.offset) == ("opened", "e-1", "/kefu/intake", 7)
