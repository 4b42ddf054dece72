"""``python -m bench [section …]``: what ``make bench`` calls."""

import asyncio
import json
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from bench.arena import Arena
from bench.conditions import conditions
from bench.plan import FULL, QUICK, Plan
from bench.race import RUN, WARM_UP, introduce, rehearse
from bench.sections import footprint, hops, latency, replicas, startup, throughput
from bench.table import Block, as_markdown, goals_block, show, write_markdown
from bench.workload import contacts
from deploy.local.layout import Layout
from deploy.local.progress import Progress

Section = Callable[[Arena, Plan], Awaitable[Block]]

SECTIONS: Final[dict[str, Section]] = {
    "throughput": throughput.measure,
    "hops": hops.measure,
    "latency": latency.measure,
    "footprint": footprint.measure,
    "replicas": replicas.measure,
    "startup": startup.measure,
}

BESIDE_BASELINES: Final = frozenset({"throughput", "hops"})

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


def run(names: list[str], plan: Plan, progress: Progress) -> list[Block]:
    """Measures these sections, on servers of their own that are gone afterwards, also when it is told to end."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("interrupted"))
    folder = Path(tempfile.mkdtemp(prefix="kefu-bench-"))
    arena = Arena(folder, progress)
    try:
        return asyncio.run(_measure(arena, names, plan))
    finally:
        with progress.step("Everything stopped and dropped"):
            arena.close()
            shutil.rmtree(folder)


async def _measure(arena: Arena, names: list[str], plan: Plan) -> list[Block]:
    await arena.open()
    await introduce(arena)
    if not BESIDE_BASELINES.isdisjoint(names):
        await rehearse(arena, contacts(RUN, WARM_UP + max(plan.backlog, plan.hop_backlog)))
    blocks = []
    for name in names:
        try:
            blocks.append(await SECTIONS[name](arena, plan))
        except Exception as error:  # what the other sections found is not lost with it
            arena.progress.say(f"{name} was not measured:\n{''.join(traceback.format_exception(error))}")
    return blocks


@app.command(help="Measures Kefu Bus on this machine, beside a bare loop and beside one message a transaction.")
def main(
    sections: Annotated[list[str] | None, typer.Argument(help=f"which: {', '.join(SECTIONS)}; all of them")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Small counts: it works, nothing is measured.")] = False,
    markdown: Annotated[Path | None, typer.Option(help="Put the tables into this file, between its markers.")] = None,
    as_json: Annotated[Path | None, typer.Option("--json", help="Where the figures go for programs.")] = None,
) -> None:
    """Measures, and prints the tables."""
    names = sections or list(SECTIONS)
    if unknown := [name for name in names if name not in SECTIONS]:
        raise typer.BadParameter(f"{', '.join(unknown)}; there are {', '.join(SECTIONS)}")
    progress = Progress(Console(stderr=True, soft_wrap=True))
    surroundings = conditions()
    found = run(names, QUICK if quick else FULL, progress)
    blocks = [goals_block(found), *found]
    Console().print()
    show(Console(), blocks)
    Console().print(surroundings, highlight=False, style="dim")
    if markdown is not None:
        write_markdown(markdown, f"{surroundings}\n\n{as_markdown(blocks)}")
    _write(as_json or Layout.of_checkout().root / "bench.json", surroundings, found)
    if len(found) < len(names):
        raise typer.Exit(1)


def _write(path: Path, surroundings: str, blocks: list[Block]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    document: dict[str, Any] = {"conditions": surroundings, **{block.title: block.figures for block in blocks}}
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    app()
