"""No route reads more than it takes, whatever it forgot."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request
from pydantic import BaseModel

from shared.http.body import SMALL, BodyGuard, read_body
from shared.http.problems import install_problem_documents

LARGE = 200_000


class Question(BaseModel):
    """What the framework parses by itself."""

    value: str


def build(*, seconds: float = 5.0, most_held: int = 10_000_000) -> FastAPI:
    """An application with a route that says nothing, one that takes more, and one that reads nothing."""
    app = FastAPI()
    install_problem_documents(app)
    app.add_middleware(BodyGuard, seconds=seconds, most_held=most_held)

    @app.post("/forgetful")
    async def forgetful(question: Question) -> int:
        return len(question.value)

    @app.post("/careless")
    async def careless(request: Request) -> int:
        try:
            return len(await request.body())
        except Exception:
            return -1

    @app.post("/large")
    async def large(request: Request) -> int:
        return len(await read_body(request, LARGE))

    return app


def client(app: FastAPI) -> httpx.AsyncClient:
    """Without a network."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here")


class Endless:
    """A body that is sent in parts, and counts what was taken of it."""

    def __init__(self, part: bytes, *, pause: float = 0.0, parts: int = 10_000) -> None:
        self.taken = 0
        self._part, self._pause, self._parts = part, pause, parts

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range(self._parts):
            await asyncio.sleep(self._pause)
            self.taken += len(self._part)
            yield self._part


@pytest.mark.parametrize("path", ["/forgetful", "/careless"])
async def test_a_route_that_says_nothing_takes_little(path: str) -> None:
    """What is larger is 413 with a problem document, also where the route would have hidden it."""
    async with client(build()) as http:
        small = await http.post(path, json={"value": "x" * 1000})
        large = await http.post(path, json={"value": "x" * SMALL})
    assert small.status_code == 200
    assert (large.status_code, large.headers["connection"]) == (413, "close")
    assert large.headers["content-type"] == "application/problem+json"
    assert large.json()["status"] == 413


async def test_a_route_that_takes_more_says_so() -> None:
    """Its own limit holds, to the byte."""
    async with client(build()) as http:
        answers = [await http.post("/large", content=b"x" * size) for size in (SMALL + 1, LARGE, LARGE + 1)]
    assert [answer.status_code for answer in answers] == [200, 200, 413]


@pytest.mark.parametrize(("path", "most"), [("/forgetful", SMALL), ("/large", LARGE)])
async def test_a_body_without_end_is_not_read_to_its_end(path: str, most: int) -> None:
    """Little more than the limit is taken from who does not stop."""
    body = Endless(b"x" * 10_000)
    async with client(build()) as http:
        answer = await http.post(path, content=body)
    assert answer.status_code == 413
    assert body.taken <= 9 * most + 10_000


async def test_a_body_that_does_not_arrive() -> None:
    """A request whose body comes a byte at a time is ended, 408."""
    async with client(build(seconds=0.3)) as http:
        answer = await http.post("/forgetful", content=Endless(b"x", pause=0.05))
    assert (answer.status_code, answer.headers["connection"]) == (408, "close")


async def test_many_bodies_at_a_time() -> None:
    """All bodies together stay below a limit; when they are answered there is room again."""
    app = build(seconds=2.0, most_held=300_000)
    async with client(app) as http:
        slow = [
            asyncio.create_task(http.post("/large", content=Endless(b"x" * 90_000, pause=0.2, parts=2)))
            for _ in range(4)
        ]
        told = sorted(answer.status_code for answer in await asyncio.gather(*slow))
        after = await http.post("/large", content=b"x" * LARGE)
    assert told.count(503) >= 1
    assert after.status_code == 200
