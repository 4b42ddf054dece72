"""What may go wrong with the local stack, said so that one knows what to do next."""

from pathlib import Path

LAST_LINES = 15


class StackError(Exception):
    """The local stack could not do what was asked: what happened, what to do next, and the log that tells why."""

    def __init__(self, message: str, *, hint: str = "", log: Path | None = None) -> None:
        super().__init__(message)
        self.hint = hint
        self.log = log

    def __str__(self) -> str:
        parts = [str(self.args[0])]
        if self.log is not None:
            parts += [f"  {line}" for line in last_lines(self.log)]
            parts.append(f"  (the last lines of {self.log})")
        if self.hint:
            parts.append(f"What to do: {self.hint}")
        return "\n".join(parts)


def last_lines(log: Path, count: int = LAST_LINES) -> list[str]:
    """The end of a log file; empty when there is none."""
    try:
        with log.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - 64 * 1024))
            text = file.read().decode("utf-8", errors="replace")
    except OSError:
        return []
    return text.splitlines()[-count:]
