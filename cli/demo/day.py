"""The demo: a stack of its own, a busy day on it, the report, and nothing left behind."""

import asyncio
import fcntl
import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.console import Console

from cli.config.folder import config_folder, usable
from cli.demo.rules import DAY_FASTER, HANDS_FASTER, write_faster_rules
from cli.errors import CommandError
from cli.simulation.day import Surroundings, play_day
from cli.simulation.player import Pace
from cli.simulation.scenario import Scenario, busy, scenario
from cli.simulation.tables import Report, print_report
from deploy.local.layout import Layout
from deploy.local.progress import Progress
from deploy.local.services import PREPARATION, scaled_services
from deploy.local.shell_file import read_shell_file
from deploy.local.stack import Stack
from services.intake.rules.problem_types import load_problem_types

_HOURS: Final = 7
_MINUTE: Final = 60 / DAY_FASTER
_PACE: Final = Pace(day=_HOURS * 60 * _MINUTE, minute=_MINUTE, patience=35.0)
_SERVERS: Final = ("KAFKA_BOOTSTRAP_SERVERS", "DATABASE_URL")
_INTERRUPTS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def play_demo(console: Console, *, seed: int, contacts: int) -> bool:
    """Plays the day and prints what it came to; whether all that must hold does.

    Whatever happens, nothing it started runs afterwards. Raises StackError, CommandError or KeyboardInterrupt.
    """
    begun = time.monotonic()
    shipped = config_folder()
    names = {name: spec.names.zh for name, spec in usable(load_problem_types, shipped).types.items()}
    layout = Layout(Layout.of_checkout().root / "demo")
    with _only_one(layout.root.parent):
        stack = _stack(layout, Progress(console))
        stack.clean()
        console.print(_introduction(), highlight=False)
        with _undone(stack, console):
            write_faster_rules(shipped, _rules(layout))
            stack.up()
            report = asyncio.run(_play(console, stack, seed, contacts, names))
            print_report(console, report)
    console.print(f"[dim]Everything is stopped and gone again; {time.monotonic() - begun:.0f} s in all.[/dim]")
    return all(check.holds for check in report.checks)


async def _play(console: Console, stack: Stack, seed: int, contacts: int, names: dict[str, str]) -> Report:
    environment = stack.environment()
    around = Surroundings(
        servers=environment["KAFKA_BOOTSTRAP_SERVERS"],
        intake_url=stack.contract()["INTAKE_URL"],
        channel_secret=stack.contract()["CHANNEL_SECRET"],
        carrier_url=environment["KEFU_CARRIER_URL"],
    )
    return await play_day(console, _scenario(seed, contacts), _PACE, around, names)


def _scenario(seed: int, contacts: int) -> Scenario:
    now = datetime.now(UTC)
    # On servers of somebody else there may be earlier days, and nothing of theirs may be ours.
    run = f"{int(now.timestamp()):x}-" if any(_own_servers_left_out(os.environ).get(name) for name in _SERVERS) else ""
    return scenario(run=run, seed=seed, contacts=contacts, now=now, profile=busy)


def _stack(layout: Layout, progress: Progress) -> Stack:
    environment = {**_own_servers_left_out(os.environ), "KEFU_CONFIG_DIR": str(_rules(layout))}
    return Stack(
        layout.root,
        services=scaled_services(environment.get("SCALE", "")),
        preparation=PREPARATION,
        environment=environment,
        progress=progress,
        tied_to=os.getpid(),
    )


def _rules(layout: Layout) -> Path:
    return layout.root / "config"


def _own_servers_left_out(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment as it is meant: whoever has read `.local/env` into the shell does not mean that stack, whose
    services would work on the day by rules that are not played faster."""
    own = read_shell_file(Layout.of_checkout(environment).env)
    return {name: value for name, value in environment.items() if name not in own or own[name] != value}


def _introduction() -> str:
    day, hand = f"{2 * 3600 / DAY_FASTER:.0f} s", f"{60 / HANDS_FASTER:.0f} s"
    return (
        f"[bold]A busy day of a small platform, played {DAY_FASTER} times faster:[/bold] its {_HOURS} hours take "
        f"{_PACE.day:.0f} s, a first answer promised within 2 h is due within {day}.\n"
        f"People's hands are only {HANDS_FASTER} times faster (the minute to accept a ticket is {hand}); Kafka, "
        "PostgreSQL, the services and the carrier are real and run in real time.\n"
    )


@contextmanager
def _undone(stack: Stack, console: Console) -> Iterator[None]:
    """Whatever happens inside, the stack is gone after; what failed leaves its logs. Any signal to end is Ctrl-C."""
    before = {number: signal.signal(number, _as_interrupt) for number in _INTERRUPTS}
    # The event loop ends its tasks in order on SIGINT, if and only if its handler is this one.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    except BaseException:
        _do_not_disturb()
        stack.down()
        console.print(f"[dim]Nothing is running any more. The logs are in {stack.layout.logs}.[/dim]", highlight=False)
        raise
    else:
        _do_not_disturb()
        stack.clean()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _as_interrupt(number: int, frame: object) -> None:
    signal.raise_signal(signal.SIGINT)


def _do_not_disturb() -> None:
    for number in _INTERRUPTS:
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """One demo of a checkout at a time."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "demo.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(
                "a demo of this checkout is running already", hint="Wait until it is over, or stop it with Ctrl-C."
            ) from None
        yield
