"""The surroundings of a command: the environment, and what the local stack of this checkout wrote to `.local/env`."""

import os
import re
from collections.abc import MutableMapping
from typing import Final

from cli.errors import CommandError
from deploy.local.layout import Layout
from deploy.local.shell_file import read_shell_file

_SERVERS: Final = "KAFKA_BOOTSTRAP_SERVERS"
_ADDRESS: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:\[\]/]+)(:\d{1,5})?")


def load_local_stack(environment: MutableMapping[str, str] = os.environ) -> frozenset[str]:
    """Sets what `.local/env` says and the environment does not; an empty variable counts as not set.

    Returns the names it has set. Raises CommandError when the file cannot be read.
    """
    file = Layout.of_checkout(environment).env
    try:
        local = read_shell_file(file)
    except (OSError, ValueError) as error:
        raise CommandError(f"{file} cannot be read: {error}", hint="`make up` writes it anew.") from None
    lacking = {name: value for name, value in local.items() if not environment.get(name)}
    environment.update(lacking)
    return frozenset(lacking)


def needed(name: str) -> str:
    """The value of a variable nothing can be done without. Raises CommandError with what to do."""
    if value := os.environ.get(name):
        return value
    raise CommandError(
        f"{name} is not set, and no local stack of this checkout is running.",
        hint=f"Start one with `make up`, or set {name}.",
    )


def kafka_servers() -> str:
    """Where Kafka is, host:port,… Raises CommandError when it is not set, or not that."""
    servers = needed(_SERVERS)
    if all(_ADDRESS.fullmatch(address.strip()) for address in servers.split(",")):
        return servers
    raise CommandError(f"{_SERVERS} is {servers!r}", hint="Write host:port, several with commas between.")
