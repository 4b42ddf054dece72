"""What every HTTP side has in common: health, metrics, and errors as problem documents (RFC 9457)."""

from http import HTTPStatus

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException

PROBLEM_TYPE = "application/problem+json"


class Problem(Exception):  # noqa: N818 - the word of RFC 9457
    """An answer that is an error: status, a title of a few words, and a detail that says what to do."""

    def __init__(self, status: int, title: str, detail: str, *, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.title = title
        self.detail = detail
        self.headers = headers

    def response(self) -> JSONResponse:
        """The problem document."""
        body = {"type": "about:blank", "status": self.status, "title": self.title, "detail": self.detail}
        return JSONResponse(body, self.status, self.headers, PROBLEM_TYPE)


def install_problem_documents(app: FastAPI) -> None:
    """Makes every error of this application a problem document."""

    async def on_problem(_: Request, problem: Exception) -> Response:
        assert isinstance(problem, Problem)
        return problem.response()

    async def on_http(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return Problem(error.status_code, HTTPStatus(error.status_code).phrase, str(error.detail)).response()

    async def on_validation(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        told = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:5])
        return Problem(422, "Unprocessable Content", told).response()

    async def on_bug(_: Request, __: Exception) -> Response:
        return Problem(500, "Internal Server Error", "this is a fault of ours; it is in the log").response()

    app.add_exception_handler(Exception, on_bug)
    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(RequestValidationError, on_validation)


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
