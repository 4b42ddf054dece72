"""Where everything of one local stack lies."""

import hashlib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]

# A unix socket's path holds 107 bytes on Linux and 103 on macOS; supervisor appends its pid while binding.
LONGEST_SOCKET_PATH = 92


@dataclass(frozen=True)
class Layout:
    """The files and folders of one stack; `root` is absolute and belongs to this stack alone."""

    root: Path

    @classmethod
    def of_checkout(cls, environment: Mapping[str, str] = os.environ) -> "Layout":
        """`.local` of this checkout, or the folder `KEFU_LOCAL_DIR` names."""
        return cls(Path(environment.get("KEFU_LOCAL_DIR") or CHECKOUT / ".local").absolute())

    @property
    def run(self) -> Path:
        """What lives only while the stack runs: pid files, start scripts, the socket."""
        return self.root / "run"

    @property
    def logs(self) -> Path:
        """One log a process."""
        return self.root / "log"

    @property
    def kafka(self) -> Path:
        """The broker's settings and data."""
        return self.root / "kafka"

    @property
    def postgres(self) -> Path:
        """The database cluster."""
        return self.root / "postgres"

    @property
    def jars(self) -> Path:
        """The broker's jars, where the user's own repository cannot be written."""
        return self.root / "jars"

    @property
    def secrets(self) -> Path:
        """What services sign, seal and verify with; a shell file for its owner only."""
        return self.root / "secrets"

    @property
    def env(self) -> Path:
        """The public addresses, a shell file to be sourced; there while the stack is up."""
        return self.root / "env"

    @property
    def ports(self) -> Path:
        """The ports chosen, so that a restart keeps them."""
        return self.root / "ports.json"

    @property
    def lock(self) -> Path:
        """Held by the command that changes the stack."""
        return self.root / "lock"

    @property
    def supervisor_configuration(self) -> Path:
        """Written anew by every `up`."""
        return self.root / "supervisord.conf"

    @property
    def supervisor_pid(self) -> Path:
        """Where supervisord writes its pid."""
        return self.run / "supervisord.pid"

    @property
    def supervisor_socket(self) -> Path:
        """Beside the pid files, or in the temporary folder when that path is too long for a socket."""
        beside = self.run / "supervisor.sock"
        if len(os.fsencode(beside)) <= LONGEST_SOCKET_PATH:
            return beside
        name = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"kefu-{os.getuid()}-{name}" / "supervisor.sock"

    def pid_file(self, process: str) -> Path:
        """Where a process leaves its pid; `process` is `<service>-<n>`."""
        return self.run / f"{process}.pid"

    def log_file(self, process: str) -> Path:
        """Where its output goes; `process` is `<service>-<n>`."""
        return self.logs / f"{process}.log"

    def create(self) -> None:
        """Makes the folders. What they hold is for their owner only: keys, and members' data in the logs."""
        for folder in (self.root, self.run, self.logs, self.kafka):
            folder.mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o700)
