"""`kefu topics`."""

import asyncio
from dataclasses import asdict
from typing import Annotated

import typer

from cli.environment import kafka_servers
from cli.output import say, write_json, write_table
from cli.topics.report import TopicReport, report_topics

app = typer.Typer()


@app.command()
def topics(as_json: Annotated[bool, typer.Option("--json", help="JSON lines, for programs.")] = False) -> None:
    """The topics of the contract: partitions, records, how far each consumer group is, and what differs."""
    reports = asyncio.run(report_topics(kafka_servers()))
    if as_json:
        for report in reports:
            write_json(asdict(report))
        return
    write_table(
        ("TOPIC", "PARTITIONS", "END", "RETAINED", "UNREAD BY GROUP", "DIFFERS"),
        [
            (
                report.name,
                report.partitions,
                report.end_offsets,
                report.retained,
                ", ".join(f"{group} {_lag(lag)}" for group, lag in report.lag.items()),
                "; ".join(report.differences),
            )
            for report in reports
        ],
        wide="DIFFERS",
    )
    _judge(reports)


def _lag(lag: int | None) -> str:
    return "never read" if lag is None else str(lag)


def _judge(reports: list[TopicReport]) -> None:
    missing = sum("missing" in report.differences for report in reports)
    differing = sum(bool(report.differences) for report in reports) - missing
    if missing:
        say(f"{missing} topics are missing. `python -m shared.bus.topics` creates them (`make up` does it too).")
    if differing:
        say(f"{differing} topics are not as the contract has them.")
