"""Alive, ready, and the metrics."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest


def health_routes() -> APIRouter:
    """``/livez`` touches nothing, ``/readyz`` asks everything, ``/metrics`` is Prometheus text."""
    router = APIRouter(tags=["health"])

    @router.get("/livez")
    async def livez() -> dict[str, str]:
        return {"status": "alive"}

    @router.get("/readyz", responses={503: {"description": "the failing checks"}})
    async def readyz(request: Request) -> Response:
        running = getattr(request.app.state, "running", None)
        failing = await running.checks() if running else {"service": "is starting"}
        return JSONResponse({"status": "unready" if failing else "ready", "failing": failing}, 503 if failing else 200)

    @router.get("/metrics")
    async def metrics() -> Response:
        return PlainTextResponse(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router
