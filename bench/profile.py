"""``python -m bench.profile [contacts]``: where each service's time goes while it works off a backlog.

Every service runs under cProfile, which makes it slower by a half or so: read the shares, not the seconds.
"""

import asyncio
import pstats
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from bench.arena import OURS, Arena, Contestant
from bench.race import RUN, WARM_UP, introduce, race
from bench.workload import contacts
from deploy.local.progress import Progress
from deploy.local.services import Service

_SHOWN = 35


def profiled(contestant: Contestant, folder: Path) -> Contestant:
    """The same processes, each writing its profile when it ends."""

    def command(service: Service) -> tuple[str, ...]:
        python, *rest = service.command
        return (python, "-m", "cProfile", "-o", str(folder / f"{service.name}.profile"), *rest)

    return replace(contestant, services=tuple(replace(one, command=command(one)) for one in contestant.services))


async def _measure(arena: Arena, folder: Path, count: int) -> None:
    await arena.open()
    await introduce(arena)
    sent = contacts(RUN, WARM_UP + count)
    result = await race(arena, profiled(OURS, folder), sent[:WARM_UP], sent[WARM_UP:])
    arena.progress.say(f"{result.rate:.0f} contacts/s under the profiler")
    await arena.rest()


def main(count: int) -> None:
    """Prints the functions with the most time of their own, service by service."""
    folder = Path(tempfile.mkdtemp(prefix="kefu-bench-"))
    arena = Arena(folder, Progress(Console(stderr=True, soft_wrap=True)))
    try:
        asyncio.run(_measure(arena, folder, count))
        for file in sorted(folder.glob("*.profile")):
            Console().rule(file.stem)
            pstats.Stats(str(file)).sort_stats("tottime").print_stats(_SHOWN)
    finally:
        arena.close()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3000)
