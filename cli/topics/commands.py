"""`kefu topics`."""

import asyncio
from dataclasses import asdict, fields
from typing import Final

from cli.app import AsJson, command_app, json_keys
from cli.environment import kafka_servers
from cli.output import counted, say, write_json
from cli.table import Column, write_table
from cli.topics.report import TopicReport, report_topics

app = command_app()

_KEYS: Final = json_keys(field.name for field in fields(TopicReport))
_TABLE: Final = (
    Column("TOPIC"),
    Column("RECORDS", right=True),
    Column("UNREAD", right=True),
    Column("PARTITIONS", rank=2, right=True),
    Column("END", rank=3, right=True),
    Column("BY GROUP", rank=1),
    Column("DIFFERS", is_text=True),
)


@app.command(epilog=_KEYS)
def topics(
    as_json: AsJson = False,
) -> None:
    """The topics: their records, who is behind, what is wrong.

    UNREAD is of the service that is furthest behind; END counts all records that ever were, also those deleted since.

    \b
    Example:
      kefu topics --json | jq 'select(.differences != [])'
    """
    reports = asyncio.run(report_topics(kafka_servers()))
    if as_json:
        for report in reports:
            write_json(asdict(report))
        return
    write_table(
        _TABLE,
        [
            (
                report.name,
                f"{report.retained:,}",
                _unread(report),
                report.partitions,
                f"{report.end_offsets:,}",
                ", ".join(f"{group} {_lag(lag)}" for group, lag in report.lag.items()),
                "; ".join(report.differences),
            )
            for report in reports
        ],
    )
    _judge(reports)


def _lag(lag: int | None) -> str:
    return "never" if lag is None else f"{lag:,}"


def _unread(report: TopicReport) -> str | None:
    if not report.lag:
        return None
    return f"{max(report.retained if lag is None else lag for lag in report.lag.values()):,}"


def _judge(reports: list[TopicReport]) -> None:
    missing = sum("missing" in report.differences for report in reports)
    differing = sum(bool(report.differences) for report in reports) - missing
    if missing:
        say(f"Missing: {counted(missing, 'topic')}. `make up` creates them, or `python -m shared.bus.topics`.")
    if differing:
        say(f"Not as the contract has them: {counted(differing, 'topic')}.")
