"""How long after its closing a ticket may be reopened: routing's to decide, and whoever keeps tickets has to know."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from shared.config.files import load_yaml

QUEUES_FILE: Final = "queues.yaml"


class _Patience(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    reopen_within_seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _Queues(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    patience: _Patience


def reopens_within(folder: Path) -> timedelta:
    """``patience.reopen_within_seconds`` of ``queues.yaml``. Raises ConfigError with file, line and reason."""
    return timedelta(seconds=load_yaml(folder / QUEUES_FILE).parse_as(_Queues).patience.reopen_within_seconds)
