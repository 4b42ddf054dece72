"""What runs in a local stack, as a table for people and as JSON for programs."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

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
COLOURS: Final = {"RUNNING": "green", "EXTERNAL": "blue", "STOPPED": "dim"}


@dataclass(frozen=True)
class ProcessStatus:
    """One line of the table; `uptime` in seconds, `ready` None where there is no `/readyz` to ask."""

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
        found.append(ProcessStatus(name, info.state, info.pid, info.uptime, address, ready))
    return found


def status_table(processes: Sequence[ProcessStatus]) -> Table:
    """The same for people."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("process", "state", "pid", "uptime", "address", "ready"):
        table.add_column(column, justify="right" if column in ("pid", "uptime") else "left")
    for one in processes:
        colour = COLOURS.get(one.state, "red")
        table.add_row(
            one.process,
            f"[{colour}]{one.state.lower()}[/{colour}]",
            str(one.pid or "-"),
            _duration(one.uptime),
            one.address,
            {True: "[green]yes[/green]", False: "[red]no[/red]", None: "-"}[one.ready],
        )
    return table


def _external_servers(layout: Layout, ours: set[str]) -> Iterator[ProcessStatus]:
    env = read_shell_file(layout.env)
    for name, variable in EXTERNAL.items():
        if name not in ours and variable in env:
            # A database URL carries a password, which is nobody's business here.
            address = re.sub(r"//[^@/]*@", "//", env[variable])
            yield ProcessStatus(name.removesuffix("-1"), "EXTERNAL", None, 0.0, address, None)


def _order(name: str) -> tuple[bool, str, int]:
    service, _, number = name.rpartition("-")
    return name not in EXTERNAL, service, int(number)


def _duration(seconds: float) -> str:
    if seconds < 1:
        return "-"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
