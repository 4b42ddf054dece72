"""What runs in a local stack, as a table for people and as JSON for programs."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rich.console import Console
from rich.table import Table

from deploy.local.kafka import NAME as KAFKA
from deploy.local.layout import Layout
from deploy.local.ports import HOST, Ports
from deploy.local.postgres import NAME as POSTGRES
from deploy.local.shell_file import read_shell_file
from deploy.local.stack import OWNER
from deploy.local.supervision import Supervision
from deploy.local.waiting import is_ready

EXTERNAL: Final = {KAFKA: "KAFKA_BOOTSTRAP_SERVERS", POSTGRES: "DATABASE_URL"}
COLOURS: Final = {"running": "green", "external": "blue", "stopped": "dim"}
COLUMNS: Final = ("process", "state", "address", "ready", "uptime", "pid")
"""In the order of their weight: where there is no room for all, the last ones are left out."""

_ANY_WIDTH: Final = 10_000


@dataclass(frozen=True)
class ProcessStatus:
    """One line of the table; `uptime` in seconds, `ready` None where there is no `/readyz` to ask.

    `state` is running, external (a server of somebody else's), or what the process manager says in one word.
    """

    process: str
    state: str
    pid: int | None
    uptime: float
    address: str
    ready: bool | None


def stack_status(layout: Layout) -> list[ProcessStatus]:
    """Every process of the stack, servers first; empty when nothing runs."""
    known = Supervision(layout).processes()
    known.pop(OWNER, None)
    ports = Ports(layout.ports)
    found = list(_external_servers(layout, set(known))) if known else []
    for name, info in sorted(known.items(), key=lambda one: _order(one[0])):
        port = ports.known(name)
        serves_http = name not in EXTERNAL
        address = f"{'http://' if serves_http else ''}{HOST}:{port}"
        ready = is_ready(port) if serves_http and port and info.pid else None
        found.append(ProcessStatus(name, info.state.lower(), info.pid, info.uptime, address, ready))
    return found


def print_status(console: Console, processes: Sequence[ProcessStatus]) -> None:
    """The same for people, each value whole: on a narrow terminal with fewer columns, in a pipe with all."""
    for count in range(len(COLUMNS), 1, -1):
        table = _table(processes, COLUMNS[:count])
        needed = console.measure(table, options=console.options.update_width(_ANY_WIDTH)).maximum
        if needed <= console.width or not console.is_terminal:
            break
    if not console.is_terminal:
        console.width = needed
    console.print(table)


def _table(processes: Sequence[ProcessStatus], columns: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column.upper(), justify="right" if column in ("pid", "uptime") else "left", no_wrap=True)
    for one in processes:
        colour = COLOURS.get(one.state, "red")
        cells = {
            "process": one.process,
            "state": f"[{colour}]{one.state}[/{colour}]",
            "address": one.address,
            "ready": {True: "[green]yes[/green]", False: "[red]no[/red]", None: "-"}[one.ready],
            "uptime": _duration(one.uptime),
            "pid": str(one.pid or "-"),
        }
        table.add_row(*(cells[column] for column in columns))
    return table


def _external_servers(layout: Layout, ours: set[str]) -> Iterator[ProcessStatus]:
    env = read_shell_file(layout.env)
    for name, variable in EXTERNAL.items():
        if name not in ours and variable in env:
            # A database URL carries a password, which is nobody's business here.
            address = re.sub(r"//[^@/]*@", "//", env[variable])
            yield ProcessStatus(name.removesuffix("-1"), "external", None, 0.0, address, None)


def _order(name: str) -> tuple[bool, str, int]:
    service, _, number = name.rpartition("-")
    return name not in EXTERNAL, service, int(number)


def _duration(seconds: float) -> str:
    if seconds < 1:
        return "-"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
