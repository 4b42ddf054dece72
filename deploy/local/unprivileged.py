"""Runs PostgreSQL, which refuses to be root, for someone who is root.

Its files stay inside the checkout, which may lie below a folder that only root may enter (mode 0700).
So the server gets another user's id and keeps one right of root's, to pass by file permissions; no folder is opened
to others for its sake. Where that right cannot be handed on, a user namespace does: root's own id under another name.
"""

import os
import pwd
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.local.errors import StackError

USER: Final = "nobody"
UNKNOWN_USER_ID: Final = 65534


@dataclass(frozen=True)
class Runner:
    """`prefix` goes before a command; `owner` is the (user, group) its files must belong to, None for our own."""

    prefix: tuple[str, ...] = ()
    owner: tuple[int, int] | None = None

    def own(self, path: Path) -> None:
        """Hands a file or folder to the user the command runs as."""
        if self.owner is not None:
            os.chown(path, *self.owner)


def unprivileged_runner(program: Path) -> Runner:
    """How to run `program` as somebody who is not root; an ordinary user just runs it."""
    if os.geteuid() != 0:
        return Runner()
    user, group = _other_user()
    ids = (f"--reuid={user}", f"--regid={group}", "--clear-groups")
    # The security bit makes access(2), by which initdb looks for its siblings, count that right too.
    keep = ("--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override", "--securebits=+no_setuid_fixup")
    runners = (
        Runner(prefix=("setpriv", *ids, *keep), owner=(user, group)),
        Runner(prefix=("unshare", "--user", f"--map-user={user}", f"--map-group={group}")),
    )
    for runner in runners:
        if _reaches(runner, program):
            return runner
    raise StackError(
        "PostgreSQL refuses to run as root, and neither setpriv nor unshare may run it as another user here.",
        hint="use an ordinary user, or name a running server in DATABASE_URL",
    )


def _other_user() -> tuple[int, int]:
    try:
        entry = pwd.getpwnam(USER)
    except KeyError:
        return UNKNOWN_USER_ID, UNKNOWN_USER_ID
    return entry.pw_uid, entry.pw_gid


def _reaches(runner: Runner, program: Path) -> bool:
    """Whether it is not root there, and may execute the program even below folders that are root's alone."""
    question = f"import os, sys; sys.exit(os.geteuid() == 0 or not os.access({str(program)!r}, os.X_OK))"
    command = [*runner.prefix, sys.executable, "-I", "-S", "-c", question]
    try:
        done = subprocess.run(command, capture_output=True, timeout=30)  # noqa: S603 - this module's own commands
        return done.returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
