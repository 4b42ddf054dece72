"""Where the rule files are."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from cli.errors import CommandError
from deploy.local.layout import CHECKOUT
from shared.config.files import ConfigError

T = TypeVar("T")


def config_folder() -> Path:
    """`KEFU_CONFIG_DIR`, else `config` here, else that of the checkout."""
    if named := os.environ.get("KEFU_CONFIG_DIR"):
        return Path(named)
    return here if (here := Path("config")).is_dir() else CHECKOUT / "config"


def usable(load: Callable[[Path], T], folder: Path) -> T:
    """What a loader reads from the folder. Raises CommandError with every mistake when it cannot be used."""
    try:
        return load(folder)
    except ConfigError as error:
        raise CommandError(
            f"the rule files cannot be used:\n{error}", hint="Mend them; `kefu config check` lists all mistakes."
        ) from None
