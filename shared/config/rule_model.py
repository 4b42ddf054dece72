"""What a part of a rule file may say: pydantic's checks, with each refusal in words an operator can act on."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, Self

from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

Where = tuple[str | int, ...]
"""The way to a value from the root of its document: `("policies", 0, "plan")`."""

_WORDS: Final = {
    "missing": "is required",
    "extra_forbidden": "no such field",
    "bool_type": "is true or false",
    "string_type": "is text",
    "string_too_short": "is empty",
    "dict_type": "is a map",
    "list_type": "is a list",
    "tuple_type": "is a list",
    "frozen_set_type": "is a list",
    "too_short": "has {actual_length} entries; it needs at least {min_length}",
    "too_long": "has {actual_length} entries; it takes at most {max_length}",
    "enum": "unknown value {input!r}; use {expected}",
    "literal_error": "unknown value {input!r}; use {expected}",
    "value_error": "{error}",
}
_OF_ANOTHER_KIND: Final = {"bool_type", "string_type", "dict_type", "list_type", "tuple_type", "frozen_set_type"}
_OF_A_KEY: Final = "[key]"
"""What pydantic appends to the way to a map's entry when it refuses its name."""


class RuleModel(BaseModel):
    """A part of a rule file. What it does not know is refused: a misspelt rule must not be silently ignored.

    The `description` of a field says what to write there; it is read by the operator who did not.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="wrap")
    @classmethod
    def _refuse_in_words(cls, value: Any, check: ModelWrapValidatorHandler[Self]) -> Self:
        # only here the names that could have been meant are known
        try:
            return check(value)
        except ValidationError as refused:
            fields = {field.alias or name: field.description for name, field in cls.model_fields.items()}
            raise refusal(*refusals(refused, fields)) from None


def refusals(
    refused: ValidationError, fields: Mapping[str, str | None] = MappingProxyType({})
) -> Iterator[tuple[Where, str]]:
    """Each value that was refused: the way to it, and why.

    `fields` are those of the model at the root, each with what to write there when that is not plain from its name.
    """
    errors = refused.errors()
    within = {error["loc"][:length] for error in errors for length in range(len(error["loc"]))}
    for error in errors:
        # entries that were refused are missing only because they were
        if error["type"] == "too_short" and error["loc"] in within:
            continue
        where = error["loc"][:-1] if error["loc"][-1:] == (_OF_A_KEY,) else error["loc"]
        yield where, _reason(error, fields)


def refusal(*reasons: tuple[Where, str]) -> ValidationError:
    """The error by which a validator refuses values inside its own, each at its place."""
    return ValidationError.from_exception_data(
        "rules",
        [
            InitErrorDetails(type=PydanticCustomError("rule", "{reason}", {"reason": reason}), loc=where, input=None)
            for where, reason in reasons
        ],
    )


def _reason(error: ErrorDetails, fields: Mapping[str, str | None]) -> str:
    kind, where = error["type"], error["loc"]
    if kind in ("model_type", "model_attributes_type"):
        return f"is a map with {', '.join(fields)}" if fields else "is a map of fields"
    words = _WORDS.get(kind)
    if words is None:
        return error["msg"]
    reason = words.format(input=error["input"], **error.get("ctx", {}))
    if len(where) > 1:
        return reason
    if kind == "extra_forbidden" and fields:
        return f"{reason}; there are {', '.join(fields)}"
    to_write = fields.get(str(where[0])) if where else None
    if to_write and kind == "missing":
        return f"{reason}: {to_write}"
    return f"is {to_write}" if to_write and kind in _OF_ANOTHER_KIND else reason
