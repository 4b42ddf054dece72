"""Reads the sentences of ``catalogue.yaml``, which ship with the product."""

import functools
from pathlib import Path
from typing import Final

from services.intake.understanding.catalogue import Catalogue
from shared.config.files import load_yaml

_FILE: Final = Path(__file__).with_name("catalogue.yaml")


@functools.cache
def shipped_catalogue() -> Catalogue:
    """The shipped sentences, read once."""
    return load_yaml(_FILE).parse_as(Catalogue)
