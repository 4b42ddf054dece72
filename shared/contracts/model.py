"""The base of every event: frozen, tolerant of what it does not know, strict about what it does."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)
from pydantic.fields import FieldInfo

EARLIEST_YEAR = 2000
LATEST_YEAR = 2199
LONGEST_WORD = 200


class Fact(BaseModel):
    """A value on a topic. Frozen; unknown fields are ignored, so a newer writer never stops an older reader."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_timedelta="float")


def _plausible(value: datetime) -> datetime:
    if not EARLIEST_YEAR <= value.year <= LATEST_YEAR:
        raise ValueError(f"the year {value.year} is not between {EARLIEST_YEAR} and {LATEST_YEAR}")
    return value


Time = Annotated[AwareDatetime, AfterValidator(_plausible)]
"""A moment, RFC 3339 with an offset, between the years 2000 and 2199."""

Version = Annotated[int, Field(ge=0, le=2**63 - 1)]
"""The version of an entity of the platform; grows with every change."""


def _without_nul(value: str) -> str:
    if "\0" in value:
        raise ValueError("it contains NUL (U+0000) or a lone surrogate, which no id does")
    return value


# The schema does not say it: no limit of a .v1 is ever narrowed, and there never was a reader that bore a NUL.
Identifier = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_without_nul)]
"""A natural key given by an outsider: 1 to 200 characters, compared as they are; neither NUL nor a lone surrogate."""

_IDENTIFIER = TypeAdapter(Identifier)


def is_identifier(value: object) -> bool:
    """Whether a value that came by some other door than an event could be a natural key."""
    try:
        _IDENTIFIER.validate_python(value, strict=True)
    except ValidationError:
        return False
    return True


def _short(value: str) -> str:
    if len(value) > LONGEST_WORD:
        raise ValueError(f"it has {len(value):,} characters; at most {LONGEST_WORD} are meant")
    return value


Short = Annotated[str, AfterValidator(_short)]
"""A word of an open vocabulary: whatever it is, it fits into an index and into every event that repeats it."""


def known(values: type[StrEnum]) -> FieldInfo:
    """Annotates an open string: its known values are those of ``values``; an unknown one is kept and never refused."""
    field: FieldInfo = Field(json_schema_extra={"x-known-values": [value.value for value in values]})
    return field
