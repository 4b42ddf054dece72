"""How ``POST /v1/contacts`` describes itself: its body is read as bytes, because the signature covers them."""

from typing import Any, Final

from shared.contracts.contacts import ContactReceived
from shared.http.problems import PROBLEM_TYPE


def _without_references(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with every definition put where it is used; OpenAPI resolves references from its own root."""
    definitions = schema.pop("$defs", {})

    def inline(value: Any) -> Any:
        if isinstance(value, dict):
            if "$ref" in value:
                return inline(definitions[value["$ref"].removeprefix("#/$defs/")])
            return {name: inline(item) for name, item in value.items()}
        return [inline(item) for item in value] if isinstance(value, list) else value

    inlined: dict[str, Any] = inline(schema)
    return inlined


def _header(name: str, description: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": True, "description": description, "schema": schema}


def _problem(description: str, *, retry: bool = False) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": description, "content": {PROBLEM_TYPE: {"schema": _PROBLEM}}}
    if retry:
        answer["headers"] = {"retry-after": {"description": "seconds", "schema": {"type": "integer", "minimum": 1}}}
    return answer


_PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457",
    "required": ["type", "status", "title", "detail"],
    "properties": {
        "type": {"type": "string"},
        "status": {"type": "integer"},
        "title": {"type": "string"},
        "detail": {"type": "string", "description": "what is wrong and what to do"},
    },
}

REQUEST: Final[dict[str, Any]] = {
    "parameters": [
        _header("webhook-id", "unique to the message; the same when it is sent again", type="string", minLength=1),
        _header("webhook-timestamp", "seconds since 1970, at most five minutes off", type="string", pattern="^[0-9]+$"),
    ],
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": _without_references(ContactReceived.model_json_schema())}},
    },
}

RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    202: {"description": "Kafka has acknowledged the contact"},
    401: _problem("the signature is missing, does not fit, or is too old"),
    403: _problem("the secret it is signed with does not speak for the channel it names"),
    413: _problem("the body is larger than 1 MiB"),
    422: _problem("the body is not a contact; the detail names the fields"),
    429: _problem("the channel posts too fast", retry=True),
    503: _problem("the bus is away; send the same contact again", retry=True),
}
