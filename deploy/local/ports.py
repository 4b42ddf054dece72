"""Free ports on this machine, remembered so that a restart keeps every address."""

import contextlib
import json
import random
import socket
from collections.abc import Collection
from pathlib import Path
from typing import Final

from deploy.local.errors import StackError
from deploy.local.shell_file import write_at_once

HOST: Final = "127.0.0.1"

# Below the range the kernel takes for outgoing connections: there, a client that keeps
# knocking at a dead server's port can be given that very port, and the server never gets it back.
CHOICE: Final = range(15_000, 30_000)


class Ports:
    """The ports of one stack by name (`kafka-1`, `intake-2`); written down as soon as they are chosen."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known: dict[str, int] = {}
        with contextlib.suppress(FileNotFoundError, ValueError):
            self._known = {str(name): int(port) for name, port in json.loads(file.read_text(encoding="utf-8")).items()}

    def known(self, name: str) -> int | None:
        """The port a name had last time, whoever listens there now."""
        return self._known.get(name)

    def choose(self, names: Collection[str], *, in_use_by_us: Collection[str] = ()) -> dict[str, int]:
        """A port for each name: the one it had, unless a stranger took it meanwhile; else a free one.

        Names in `in_use_by_us` keep theirs: the process that listens there is our own.
        """
        for name in names:
            port = self._known.get(name)
            if port is None or (name not in in_use_by_us and not is_free(port)):
                self._known[name] = self._free()
        write_at_once(self._file, json.dumps(self._known, indent=2, sort_keys=True) + "\n")
        return {name: self._known[name] for name in names}

    def _free(self) -> int:
        taken = set(self._known.values())
        for port in random.sample(CHOICE, k=200):
            if port not in taken and is_free(port):
                return port
        raise StackError(f"No free port found between {CHOICE.start} and {CHOICE.stop}.", hint="stop some servers")


def is_free(port: int) -> bool:
    """Whether a server could listen on this port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # Connections of a server that has just gone linger in TIME_WAIT; servers listen regardless, so does the probe.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True
