"""The sentences of ``catalogue.yaml``, which agents read."""

import functools
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from shared.config.files import load_yaml

_FILE = Path(__file__).with_name("catalogue.yaml")


class Phrase(BaseModel):
    """One sentence in both languages, with ``{names}`` to fill in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    zh: str
    en: str


class Catalogue(BaseModel):
    """All sentences, by what they are for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    facts: dict[str, Phrase]
    summary: dict[str, Phrase]
    anomaly: dict[str, Phrase]
    gap: dict[str, Phrase]


@functools.cache
def catalogue() -> Catalogue:
    """The shipped sentences, read once."""
    return load_yaml(_FILE).parse_as(Catalogue)
