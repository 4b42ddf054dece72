"""The day in tables, for a screen of 80 columns and more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.cells import wrapped
from cli.output import visible
from cli.simulation import figures
from cli.simulation.channels import CHANNELS
from cli.simulation.checks import Check
from cli.simulation.ledger import Ledger
from cli.simulation.story import named, story
from cli.simulation.texts import Colleague
from cli.simulation.times import Times
from shared.contracts.vocabulary import AnsweredBy
from shared.masking import redacted

_NONE: Final = "·"
_MILLISECONDS_BELOW: Final = 10.0
_WIDEST: Final = 132
_MOST_SOLVERS: Final = 20
_VERB: Final = len("acknowledged")


@dataclass(frozen=True, slots=True)
class Report:
    """A day, told by what the topics say. ``type_names``: problem type -> its name for people."""

    ledger: Ledger
    clock: Times
    agents: Mapping[str, Colleague]
    checks: Sequence[Check]
    type_names: Mapping[str, str]
    seconds: float


def print_report(console: Console, report: Report) -> None:
    """All tables, then what was checked."""
    _tickets(console, report)
    _solvers(console, report)
    _promises(console, report)
    _escalations(console, report)
    _notices(console, report)
    _letters(console, report)
    _speed(console, report)
    _story(console, report)
    _checks(console, report)


def _tickets(console: Console, report: Report) -> None:
    rows = figures.by_type(report.ledger)
    table = _table("PROBLEM TYPE", "", *CHANNELS, "ALL", "OVER", right=range(2, len(CHANNELS) + 4))
    for row in rows:
        counts = [_count(row.by_channel[channel]) for channel in CHANNELS]
        table.add_row(
            row.problem_type, report.type_names.get(row.problem_type, ""), *counts, str(row.total), _count(row.over)
        )
    by_channel = [str(sum(row.by_channel[channel] for row in rows)) for channel in CHANNELS]
    table.add_section()
    table.add_row("all", "", *by_channel, str(sum(row.total for row in rows)), str(sum(row.over for row in rows)))
    where = ", ".join(f"{count} {state}" for state, count in figures.states(report.ledger).items())
    _show(console, "Tickets by problem type and the channel they began on", table, f"At the end of the day: {where}.")


def _solvers(console: Console, report: Report) -> None:
    columns = ("WHO", "TEAM", "OFFERS", "TAKEN", "REFUSED", "MISSED", "ANSWERS", "SOLVED", "MEDIAN")
    table = _table(*columns, right=range(2, 9))
    rows = figures.solvers(report.ledger)
    shown = rows if len(rows) <= _MOST_SOLVERS else figures.by_team(rows, report.agents)
    for row in shown:
        agent = report.agents.get(row.name) if row.kind == AnsweredBy.AGENT else None
        who = (named(row.name, agent), str(agent.team)) if agent else (row.name, row.kind)
        counts = (row.offered, row.taken, row.declined, row.missed, row.answers, row.solved)
        typical = row.typical_answer
        lasted = report.clock.lasted(typical) if typical is not None else _NONE
        table.add_row(*map(visible, who), *map(_count, counts), lasted)
    by_kind = {kind: sum(row.solved for row in rows if row.kind == kind) for kind in AnsweredBy}
    told = ", ".join(f"{count} by {_KINDS[kind]}" for kind, count in by_kind.items() if count)
    note = f"Solved: {told or 'none'}. MISSED: not accepted in time; MEDIAN: from taking to answering."
    _show(console, "Who solved them", table, note)


def _promises(console: Console, report: Report) -> None:
    table = _table(
        "TIER", "PROMISE", "MADE", "KEPT", "LATE", "BROKEN", "RUNNING", "KEPT %", "MEDIAN", right=range(2, 9)
    )
    rows = figures.promises(report.ledger)
    for row in rows:
        counts = map(_count, (row.made, row.kept, row.late, row.broken, row.running))
        lasted = _NONE if row.answer_seconds is None else report.clock.lasted(row.answer_seconds)
        table.add_row(row.tier, row.clock, *counts, _percent(row.kept, row.made - row.running), lasted)
    made, running = sum(row.made for row in rows), sum(row.running for row in rows)
    share = _percent(sum(row.kept for row in rows), made - running)
    note = f"Kept in all: {share}. LATE: met after its due time; BROKEN: not met at all; MEDIAN: from opening to met."
    _show(console, "Promises kept and broken", table, note)


def _escalations(console: Console, report: Report) -> None:
    table = _table("LEVEL", "TEAM", "CAUSE", "TICKETS", "TAKEN CHARGE OF", right=(3, 4))
    for row in figures.escalations(report.ledger):
        table.add_row(str(row.level), row.team, row.cause, str(row.count), _count(row.acknowledged))
    _show(console, "Up the ladder", table)


def _notices(console: Console, report: Report) -> None:
    channels, rows = figures.notices(report.ledger)
    table = _table("OUTCOME", "REASON", *channels, "ALL", right=range(2, 3 + len(channels)))
    for outcome, reason, counts in rows:
        by_channel = [_count(counts[channel]) for channel in channels]
        table.add_row(outcome, reason or _NONE, *by_channel, str(counts.total()))
    table.add_section()
    totals = [sum(counts[channel] for _, _, counts in rows) for channel in channels]
    table.add_row("all", "", *map(str, totals), str(sum(totals)))
    duplicates = report.ledger.duplicates
    note = "" if duplicates is None else f"The carrier's own count: {duplicates} handsets got the same notice twice."
    _show(console, "Notices to members", table, note)


def _letters(console: Console, report: Report) -> None:
    table = _table("TOPIC", "GAVE UP", "REASON", "COUNT", "IN WORDS (the first)", right=(3,), wide=4)
    for row in figures.dead_letters(report.ledger):
        table.add_row(
            row.topic.removeprefix("support."), row.group, row.reason, str(row.count), visible(redacted(row.message))
        )
    _show(console, "Dead letters", table)


def _speed(console: Console, report: Report) -> None:
    table = _table("FROM THE CONTACT TO", "TICKETS", "P50", "P99", "MOST", right=range(1, 5))
    for row in figures.latencies(report.ledger):
        table.add_row(f"first {row.step}", str(row.count), *map(_seconds, (row.p50, row.p99, row.most)))
    ledger = report.ledger
    note = (
        f"{ledger.records} contact records ({len(ledger.written)} different contacts), "
        f"{figures.throughput(ledger):.1f} contacts/s over the day, {figures.busiest_second(ledger)} in the busiest "
        "second. By the timestamps of Kafka, in real time; assigned, answered and resolved wait for people."
    )
    _show(console, "Throughput and latency", table, note)


def _story(console: Console, report: Report) -> None:
    ticket = figures.most_eventful(report.ledger)
    if ticket is None:
        return
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(no_wrap=True, width=_VERB)
    table.add_column(no_wrap=True)
    room = _width(console) - len(report.clock.shown(0)) - _VERB - 2 * 2
    for line in story(ticket, report.ledger, report.clock, report.agents):
        verb = Text(line.verb, style=_STYLES.get(line.verb, ""))
        table.add_row(report.clock.shown(line.at), verb, Text(wrapped(line.text, room)))
    title = f"One ticket: {ticket.ticket_no}, {ticket.tier} member {ticket.member_id or 'unknown'}, now {ticket.state}"
    _show(console, title, table)


def _checks(console: Console, report: Report) -> None:
    failed = [check for check in report.checks if not check.holds]
    for check in report.checks:
        mark = Text("✓ ", "green") if check.holds else Text("✗ ", "bold red")
        console.print(mark + Text(check.found, "" if check.holds else "red"), width=_width(console))
    verdict = "All of it holds." if not failed else f"{len(failed)} of {len(report.checks)} do NOT hold."
    console.print(Text(verdict, "bold green" if not failed else "bold red"))


_KINDS: Final = {AnsweredBy.AGENT: "agents", AnsweredBy.BOT: "the bot", AnsweredBy.SELF_SERVICE: "self-service"}
_STYLES: Final = {
    **dict.fromkeys(("breached", "escalated", "appealed"), "red"),
    **dict.fromkeys(("warned", "declined", "reopened"), "yellow"),
    **dict.fromkeys(("answered", "resolved", "closed"), "green"),
    "notice": "cyan",
}


def _table(*columns: str, right: Sequence[int] = (), wide: int | None = None) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold", show_edge=False)
    for place, name in enumerate(columns):
        is_wide = place == wide
        table.add_column(
            name if is_wide else str(name).upper(),
            justify="right" if place in right else "left",
            no_wrap=not is_wide,
            overflow="fold" if is_wide else "ellipsis",
        )
    return table


def _show(console: Console, title: str, table: Table, note: str = "") -> None:
    console.print()
    console.print(Text(title, "bold cyan"), width=_width(console))
    console.print(table, width=_width(console))
    if note:
        console.print(Text(note, "dim"), width=_width(console))


def _width(console: Console) -> int:
    return min(console.width, _WIDEST)


def _count(number: Any) -> str:
    return str(number) if number else _NONE


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else _NONE


def _seconds(value: float) -> str:
    return f"{value * 1000:.0f} ms" if value < _MILLISECONDS_BELOW else f"{value:.1f} s"
