"""What our own servers and services inherit: the machine's environment, and nothing of the shell that started them.

A shell is set up for somebody else's servers: `PGSSLMODE` for their database, proxies for their network, an encoding
for their terminal. What a caller says to us has a `KEFU_` in front, or names a server of theirs that we are to use.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

_PREFIXES: Final = ("PG", "LC_", "PYTHON", "KEFU_", "KAFKA_", "CLASSPATH", "MAKE", "MFLAGS")
_NAMES: Final = frozenset(
    {
        *("DATABASE_URL", "SCALE", "LANG", "LANGUAGE", "TZ"),
        *("http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy"),
        *("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"),
    }
)
_OURS: Final = {"LANG": "C.UTF-8", "TZ": "UTC", "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}
DATABASE_PREFIX: Final = "PG"


def of_the_machine(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The variables that are everybody's, with a locale and a time zone of ours."""
    kept = {
        name: value
        for name, value in environment.items()
        if not name.startswith(_PREFIXES) and name not in _NAMES and name.lower() not in _NAMES
    }
    return {**kept, **_OURS}


def for_their_database(environment: Mapping[str, str]) -> dict[str, str]:
    """What a shell says about how to reach the database that it names itself."""
    return {name: value for name, value in environment.items() if name.startswith(DATABASE_PREFIX)}


@contextmanager
def shell_set_aside() -> Iterator[None]:
    """Within, this process has the environment of the machine: libraries look there for what they were not told."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(of_the_machine(before))
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
