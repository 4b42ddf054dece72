"""What could not be done, and what to do about it."""


class CommandError(Exception):
    """Ends a command with exit 1. ``hint`` says what to do next, as an imperative sentence."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint
