"""The surroundings of a command: the environment, and what the local stack of this checkout wrote to `.local/env`."""

import os
from collections.abc import MutableMapping

from cli.errors import CommandError
from deploy.local.layout import Layout
from deploy.local.shell_file import read_shell_file


def load_local_stack(environment: MutableMapping[str, str] = os.environ) -> frozenset[str]:
    """Sets what `.local/env` says and the environment does not; an empty variable counts as not set.

    Returns the names it has set.
    """
    local = read_shell_file(Layout.of_checkout(environment).env)
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
    """Where Kafka is, host:port,…"""
    return needed("KAFKA_BOOTSTRAP_SERVERS")
