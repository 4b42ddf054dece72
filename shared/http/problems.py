"""Errors as problem documents (RFC 9457)."""

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
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
