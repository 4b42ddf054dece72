"""Tasks that are meant to run until they are cancelled. When one ends otherwise somebody is told, at once and why."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


def keep(work: Coroutine[Any, Any, None], name: str, on_end: Callable[[str], None]) -> asyncio.Task[None]:
    """Runs ``work`` as a task. ``on_end(reason)`` is called when it ends, unless by `call_off`."""
    task = asyncio.create_task(work, name=name)
    task.add_done_callback(lambda ended: on_end(f"{name} {_how(ended)}") if ended not in _called_off else None)
    return task


async def call_off(*tasks: asyncio.Task[Any]) -> None:
    """Cancels tasks whose end is meant, and waits for it."""
    _called_off.update(tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    _called_off.difference_update(tasks)


def _how(ended: asyncio.Task[None]) -> str:
    if ended.cancelled():
        return "was cancelled"
    error = ended.exception()
    return "has returned" if error is None else f"has died: {error!r}"


_called_off: set[asyncio.Task[Any]] = set()
