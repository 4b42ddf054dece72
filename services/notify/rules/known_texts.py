"""Whoever changes a word of a template has to give it a new version: with other words under an old one nothing starts.

What a version says is known for good, whoever restarts and however many replicas there are. So the version that a
notice names tells, years later, what its member read.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from services.notify.domain.templates import TextCatalogues, TextName
from services.notify.store.template_texts import known_texts, learn_texts
from shared.config.files import ConfigError, ConfigProblem
from shared.database.connection import Connection

_SAID_OTHERWISE: Final = (
    "the words of {name.kind} (or the signature) are not those that its version {name.version} has stood for so far; "
    "give it a new version: {next}"
)


async def learn_or_refuse(connection: Connection, catalogues: TextCatalogues, folder: Path) -> None:
    """Notes the versions that are new. Raises ConfigError when one that is known says something else by now."""
    texts = catalogues.text_hashes()
    async with connection.transaction():  # of what is refused nothing is noted
        await learn_texts(connection, texts)
        if problems := changed_words(texts, await known_texts(connection), folder):
            raise ConfigError(problems)


def changed_words(
    texts: Mapping[TextName, bytes], known: Mapping[TextName, bytes], folder: Path
) -> list[ConfigProblem]:
    """A problem for every text that is not what its version stands for. ``folder``: that of the catalogues."""
    return [
        ConfigProblem(folder / f"{name.locale}.yaml", 0, _SAID_OTHERWISE.format(name=name, next=_next(name, known)))
        for name in sorted(texts)
        if known.get(name) != texts[name]
    ]


def _next(name: TextName, known: Mapping[TextName, bytes]) -> int:
    """A version that nothing stands for yet."""
    used = [one.version for one in known if (one.locale, one.kind) == (name.locale, name.kind)]
    return max([name.version, *used]) + 1
