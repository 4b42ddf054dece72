"""`kefu simulate`."""

import asyncio
import math
import os
from datetime import UTC, datetime
from typing import Annotated, Final

import typer
from rich.console import Console

from cli.app import command_app
from cli.config.folder import config_folder, usable
from cli.environment import kafka_servers, needed
from cli.kafka_log import kafka_answers
from cli.simulation.day import Surroundings, play_day
from cli.simulation.player import Pace
from cli.simulation.scenario import CONTACTS_OF_A_MATTER, scenario
from cli.simulation.tables import Report, print_report
from services.intake.rules.problem_types import load_problem_types

app = command_app()

_MINUTE: Final = 1 / 6
_CONTACTS_OF_A_TEAM: Final = 4.0
"""Contacts a second that one team of the cast gets through."""

_DEFAULT_CONTACTS: Final = 300
_MOST_CONTACTS: Final = 50_000


@app.command()
def simulate(
    contacts: Annotated[
        int | None,
        typer.Option(min=10, max=_MOST_CONTACTS, metavar="COUNT", help=f"About so many; else {_DEFAULT_CONTACTS}."),
    ] = None,
    rate: Annotated[float, typer.Option(min=0.1, max=500, metavar="NUMBER", help="Contacts a second.")] = 5.0,
    duration: Annotated[
        float | None, typer.Option(min=1, metavar="SECONDS", help="For so long, instead of --contacts.")
    ] = None,
    seed: Annotated[
        int, typer.Option(metavar="NUMBER", help="Who writes what, and when: the same for the same seed.")
    ] = 1,
    patience: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="Wait at the end for what is under way.")
    ] = 30.0,
    garbage: Annotated[bool, typer.Option("--garbage", help="Also publish what no channel should.")] = False,
) -> None:
    """Play members who write and agents who answer.

    On the running stack; shows what it came to. Agents and members are made for this run, beside any others; agents
    sign off at the end, tickets stay. Promises are those configured, in real time; agents are as quick as in `make
    demo`, and none is late on purpose. Exit status 1 when something does not hold that must.

    \b
    Example, half a minute of a busy desk:
      kefu simulate --rate 10 --duration 30 --garbage
    """
    if contacts is not None and duration is not None:
        raise typer.BadParameter("say --contacts or --duration, not both")
    around = Surroundings(
        servers=kafka_servers(),
        intake_url=needed("INTAKE_URL"),
        channel_secret=needed("CHANNEL_SECRET"),
        carrier_url=os.environ.get("KEFU_CARRIER_URL"),
    )
    wanted = math.ceil(rate * duration) if duration else contacts or _DEFAULT_CONTACTS
    now = datetime.now(UTC)
    played = scenario(
        run=f"{int(now.timestamp()):x}-",
        seed=seed,
        contacts=min(wanted, _MOST_CONTACTS),
        now=now,
        teams=math.ceil(rate / _CONTACTS_OF_A_TEAM),
        garbage=garbage,
        lateness=False,
    )
    pace = Pace(day=len(played.matters) * CONTACTS_OF_A_MATTER / rate, minute=_MINUTE, patience=patience, is_real=True)
    names = {name: spec.names.zh for name, spec in usable(load_problem_types, config_folder()).types.items()}

    async def run() -> Report:
        async with kafka_answers(around.servers):
            return await play_day(console, played, pace, around, names)

    console = Console(emoji=False)
    report = asyncio.run(run())
    print_report(console, report)
    if not all(check.holds for check in report.checks):
        raise typer.Exit(1)
