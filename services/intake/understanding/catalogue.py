"""The sentences agents read, in both languages."""

from shared.config.rule_model import RuleModel


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
