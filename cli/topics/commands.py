"""`kefu topics`, and `kefu topics skip`."""

import asyncio
from dataclasses import asdict, fields
from typing import Annotated, Final

import typer
from aiokafka import TopicPartition

from cli.app import AsJson, command_app, json_keys
from cli.environment import kafka_servers
from cli.output import counted, say, write_json
from cli.table import Column, write_table
from cli.topics.report import TopicReport, report_topics
from cli.topics.skipping import skip_batch

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
    Column("CANNOT READ", is_text=True),
)


@app.callback(invoke_without_command=True, epilog=_KEYS)
def topics(
    context: typer.Context,
    as_json: AsJson = False,
) -> None:
    """The topics: their records, who is behind, what is wrong.

    UNREAD is of the service that is furthest behind; END counts all records that ever were, also those deleted since.

    \b
    Example:
      kefu topics --json | jq 'select(.differences != [])'
    """
    if context.invoked_subcommand:
        return
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
                "; ".join(report.unreadable),
            )
            for report in reports
        ],
    )
    _judge(reports)


@app.command()
def skip(
    topic: Annotated[str, typer.Argument(metavar="TOPIC", help="The topic, for example support.contact.v1.")],
    partition: Annotated[int, typer.Argument(metavar="PARTITION", min=0, help="The partition that is halted.")],
    offset: Annotated[int, typer.Argument(metavar="OFFSET", min=0, help="The offset at which it is halted.")],
    group: Annotated[
        str, typer.Option(metavar="NAME", help="Only for this service; otherwise for all that are halted there.")
    ] = "",
) -> None:
    """Go on behind a batch that cannot be read.

    Only where a service is halted, as `kefu topics` and its /readyz tell. What is stepped over is given up for lost: a
    dead letter tells its place, its size and its hash. Mend the broker's disk first, if it is that.

    \b
    Example:
      kefu topics skip support.contact.v1 3 1721
    """
    place = TopicPartition(topic, partition)
    for service in asyncio.run(skip_batch(kafka_servers(), place, offset, only=group)):
        say(f"{service} has gone on behind {topic}[{partition}]@{offset}.")


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
    if unreadable := sum(len(report.unreadable) for report in reports):
        say(f"Halted because they cannot be read: {counted(unreadable, 'partition')}. `kefu topics skip --help`.")
    if differing:
        say(f"Not as the contract has them: {counted(differing, 'topic')}.")
