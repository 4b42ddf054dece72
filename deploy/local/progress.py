"""One line a step, with its seconds, for people who wait."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.text import Text

REPORT_EVERY_SECONDS = 5.0
LINE_WIDTH = 70
SPINNER_WIDTH = 3


class ProgressStep:
    """A step under way; `detail` says how far it is."""

    def __init__(self, progress: "Progress", label: str) -> None:
        self._progress = progress
        self.label = label
        self.started = self._reported = time.monotonic()

    def detail(self, text: str) -> None:
        """Shown at once on a terminal, every few seconds where the output is a file."""
        if self._progress.status is not None:
            self._progress.show(f"{self.label}: {text}")
        elif time.monotonic() - self._reported >= REPORT_EVERY_SECONDS:
            self._reported = time.monotonic()
            self._progress.console.print(f"  … {self.label}: {text}", highlight=False)


class Progress:
    """Shows steps on a console. `Progress.silent()` shows nothing, for programs that use the stack."""

    def __init__(self, console: Console | None = None) -> None:
        # A terminal wraps between words; a file gets each line whole.
        self.console = console or Console(soft_wrap=not sys.stdout.isatty())
        self.status = self.console.status("") if self.console.is_terminal else None

    @classmethod
    def silent(cls) -> "Progress":
        """Shows nothing."""
        return cls(Console(quiet=True))

    @contextmanager
    def step(self, label: str) -> Iterator[ProgressStep]:
        """A step that takes a while; its line appears when it is done."""
        step = ProgressStep(self, label)
        if self.status is not None:
            self.show(label)
            self.status.start()
        try:
            yield step
        except BaseException:
            self._line("[red]✗[/red]", step)
            raise
        else:
            self._line("[green]✓[/green]", step)
        finally:
            if self.status is not None:
                self.status.stop()

    def show(self, text: str) -> None:
        """What is under way, on a terminal: one line of it, for a status of two takes finished lines away with it."""
        if self.status is not None:
            line = Text(text)
            line.truncate(self.console.width - SPINNER_WIDTH, overflow="ellipsis")
            self.status.update(line)

    def say(self, text: str) -> None:
        """A line of its own, between the steps."""
        self.console.print(text, highlight=False)

    def _line(self, mark: str, step: ProgressStep) -> None:
        seconds = time.monotonic() - step.started
        room = min(self.console.width, LINE_WIDTH) - 12
        self.console.print(f"{mark} {step.label:<{room}}[dim]{seconds:6.1f} s[/dim]", highlight=False)
