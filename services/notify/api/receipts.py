"""``POST /v1/receipts/{provider}/{secret}``: what providers say about what they were given."""

import hmac
import json
from collections.abc import Callable
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from services.notify.domain.states import NoticeState
from services.notify.use_cases.evidence_batcher import EvidenceBatcher
from services.notify.use_cases.record_evidence import Evidence
from shared.failures import is_transient
from shared.http.body import read_body
from shared.http.problems import Problem
from shared.telemetry import metrics

MOST_BYTES: Final = 1024 * 1024
MOST_RECEIPTS: Final = 1000

# Of the alphabet of codes: what a receipt says is published, and must not carry a text of whoever knows the address.
_Short = Annotated[str, StringConstraints(max_length=200, pattern=r"^[\w.:-]*$")]


class SandboxReceipt(BaseModel):
    """One receipt of the sandbox carrier. ``state``: delivered or undelivered; ``code`` says why not."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    out_id: UUID
    state: _Short
    message_id: _Short | None = None
    code: _Short | None = None


_SANDBOX_STATES: Final = {"delivered": NoticeState.DELIVERED, "undelivered": NoticeState.UNDELIVERED}


def _read_sandbox(item: Any) -> Evidence | None:
    """The evidence in one item; None when it is none, or not about a notice of ours."""
    try:
        receipt = SandboxReceipt.model_validate(item)
    except ValidationError:
        return None
    state = _SANDBOX_STATES.get(receipt.state)
    if state is None:
        return None
    return Evidence(receipt.out_id, state, "sandbox", receipt.message_id, receipt.code)


READERS: Final[dict[str, Callable[[Any], Evidence | None]]] = {"sandbox": _read_sandbox}
"""How each provider's receipts are read."""


def receipt_routes(batcher: EvidenceBatcher, secret: str) -> APIRouter:
    """``POST /v1/receipts/{provider}/{secret}``: a JSON array, repeated and out of order as it may be.

    200 only once it is committed, so that a provider that gets no 200 says it again.
    """
    router = APIRouter(tags=["receipts"])

    @router.post("/v1/receipts/{provider}/{given}", responses={404: {}, 413: {}, 422: {}, 503: {}})
    async def receive(provider: str, given: str, request: Request) -> dict[str, int]:
        read = READERS.get(provider)
        # compared even where the provider is unknown: neither answer nor time tells which of the two was wrong
        matches = hmac.compare_digest(given.encode(), secret.encode())
        if read is None or not matches:
            raise Problem(404, "Not Found", "there is nothing here")
        items = await _items(request)
        evidence = [one for item in items if (one := read(item)) is not None]
        running = request.app.state.running
        try:
            known = await batcher.record(running.transactions, evidence)
        except Exception as error:
            if not is_transient(error):
                raise
            raise Problem(503, "Service Unavailable", "the receipts are not recorded; send them again") from error
        metrics.RECEIPTS.labels(provider, "known").inc(known)
        metrics.RECEIPTS.labels(provider, "unknown").inc(len(evidence) - known)
        metrics.RECEIPTS.labels(provider, "unreadable").inc(len(items) - len(evidence))
        return {"received": len(items), "known": known}

    return router


async def _items(request: Request) -> list[Any]:
    body = await read_body(request, MOST_BYTES)
    try:
        items = json.loads(body)
    except (ValueError, RecursionError):
        items = None
    if not isinstance(items, list) or len(items) > MOST_RECEIPTS:
        raise Problem(422, "Unprocessable Content", f"the body is a JSON array of at most {MOST_RECEIPTS} receipts")
    return items
