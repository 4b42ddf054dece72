"""The problem types of an installation: one file each, ``problem_types/<id>.yaml``. What they mean is intake's to read;
every service may ask which there are, and routing where they wait."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict

from shared.config.files import ConfigFile, load_yaml

FOLDER: Final = "problem_types"


class _Declared(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    queue: str | None = None


@dataclass(frozen=True, slots=True)
class ProblemTypeFile:
    """One type: its id, the queue it names (None: it names none), and its file, to report mistakes with their line."""

    id: str
    queue: str | None
    file: ConfigFile


def declared_types(folder: Path) -> tuple[ProblemTypeFile, ...]:
    """The types that have a file in the rule folder, in the order of the files; none when there is no such folder.

    Raises ``ConfigError`` for the first file that cannot be read.
    """
    types = []
    for path in sorted((folder / FOLDER).glob("*.yaml")):
        file = load_yaml(path)
        found = file.parse_as(_Declared)
        types.append(ProblemTypeFile(found.id, found.queue, file))
    return tuple(types)
