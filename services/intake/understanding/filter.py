"""``kefu understand -``: one JSON document a line in, one a line out, in order; no server, no clock of its own."""

import json
import math
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from services.intake.understanding.problem_types import ProblemTypes
from services.intake.understanding.understand import Understanding, understand
from shared.contracts.contacts import Step
from shared.contracts.model import Fact, Time
from shared.strict_json import loads_strictly

Json = dict[str, Any]


class _Asked(Fact):
    id: Any = None
    text: str | None
    subject: str | None = None
    channel: str | None = None
    received_at: Time | None = None
    order_no: str | None = None
    purchased_at: Time | None = None
    steps: tuple[Step, ...] = ()


def understand_lines(lines: Iterable[str | bytes], rules: ProblemTypes, now: datetime) -> Iterator[str]:
    """One answer for every line that is not blank, in order. A line nobody can use gives ``{"id", "error"}``.

    ``now`` stands in where a document has no ``received_at``. ``id`` comes back as it was, null when unknown.
    """
    for line in lines:
        if line.strip():
            yield json.dumps(_answer(line, rules, now), ensure_ascii=False)


def _answer(line: str | bytes, rules: ProblemTypes, now: datetime) -> Json:
    name: Any = None
    try:
        document = loads_strictly(line)
        if not isinstance(document, dict):
            return {"id": None, "error": "a JSON object is expected on each line"}
        name = _plain(document.get("id"))
        asked = _Asked.model_validate(document)
    except ValidationError as refused:
        first = refused.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        return {"id": name, "error": f"{where}: {first['msg']}"}
    except (ValueError, RecursionError) as unreadable:
        return {"id": None, "error": f"not readable as JSON: {unreadable}"}
    found = understand(
        asked.text,
        subject=asked.subject,
        received_at=asked.received_at or now,
        steps=asked.steps,
        order_no=asked.order_no,
        purchased_at=asked.purchased_at,
        rules=rules,
    )
    return {"id": name, **as_json(found)}


def as_json(found: Understanding) -> Json:
    """The fields of ``kefu understand -``, and what explains them, as JSON values. Amounts are decimal strings."""
    return {
        "problem_type": found.problem_type,
        "candidates": [one.model_dump(mode="json") for one in found.candidates],
        "outcome": found.outcome.value,
        "complexity": found.complexity.value,
        "urgency": found.urgency.value,
        "order_nos": list(found.order_nos),
        "amounts": [one.model_dump(mode="json") for one in found.amounts],
        "phones": list(found.phones),
        "timeline": [one.model_dump(mode="json") for one in found.timeline],
        "missing": list(found.missing),
        "signals": list(found.signals),
        "language": found.language,
        "remark": found.remark.value,
        "anomaly": found.anomaly,
        "summary": found.summary,
        "reasons": list(found.reasons),
    }


def _plain(name: Any) -> str | int | float | None:
    """An id that can be written back; a lone surrogate in it cannot be encoded."""
    if isinstance(name, str):
        return name.encode("utf-8", "replace").decode()
    return name if isinstance(name, int | float) and math.isfinite(name) else None
