"""The sentences of ``catalogue.yaml``, which agents read."""

import functools
from pathlib import Path

from shared.config.files import load_yaml
from shared.config.rule_model import RuleModel

_FILE = Path(__file__).with_name("catalogue.yaml")


class Phrase(RuleModel):
    """One sentence in both languages, with ``{names}`` to fill in."""

    zh: str
    en: str


class Catalogue(RuleModel):
    """All sentences, by what they are for."""

    facts: dict[str, Phrase]
    summary: dict[str, Phrase]
    anomaly: dict[str, Phrase]
    gap: dict[str, Phrase]


@functools.cache
def catalogue() -> Catalogue:
    """The shipped sentences, read once."""
    return load_yaml(_FILE).parse_as(Catalogue)
