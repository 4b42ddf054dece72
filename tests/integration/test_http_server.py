"""Real sockets: who says nothing, says it slowly, or comes in a crowd."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from fastapi import FastAPI, Request

from shared.http.body import BodyGuard
from shared.http.problems import install_problem_documents
from shared.http.server import UnknownProxyError, server_config, trusted_proxies
from shared.settings import HttpSettings

QUESTION = b"GET /whoami HTTP/1.1\r\nhost: x\r\n%s\r\n"


@asynccontextmanager
async def serving(**settings: object) -> AsyncIterator[int]:
    """A server with short times, on a free port."""
    given = {"http_port": 0, "http_head_seconds": 1.0, "http_body_seconds": 1.0, "http_connections": 20, **settings}
    app = FastAPI()
    install_problem_documents(app)
    app.add_middleware(BodyGuard, seconds=1.0)

    @app.get("/whoami")
    async def whoami(request: Request) -> str:
        return request.client.host if request.client else ""

    @app.post("/say")
    async def say(request: Request) -> int:
        return len(await request.body())

    server = uvicorn.Server(server_config(app, HttpSettings(**given)))  # type: ignore[arg-type]
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await task


async def ended(reader: asyncio.StreamReader) -> bytes:
    """All that still comes until the server closes."""
    async with asyncio.timeout(40):
        try:
            return await reader.read()
        except ConnectionError:
            return b""


async def asked(port: int, request: bytes) -> bytes:
    """The answer to one request."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 40) + await asyncio.wait_for(reader.read(100), 40)
    writer.close()
    return answer


@pytest.mark.parametrize(
    "beginning", [b"", b"GET / HTTP/1.1\r\nx-", b"POST /say HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nabc"]
)
async def test_a_silent_connection_is_closed_after_its_time(beginning: bytes) -> None:
    """A connection without a request, with half a head or with half a body is closed after its time."""
    async with serving() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(beginning)
        answer = await ended(reader)
        assert answer == b"" or b" 408 " in answer.splitlines()[0]
        writer.close()


async def test_a_head_a_byte_at_a_time() -> None:
    """A byte now and then buys no time, in the first request of a connection or in the next."""
    async with serving() as port:
        for first in (b"", QUESTION % b""):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            if first:
                writer.write(first)
                await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 40)
            began = time.monotonic()
            try:
                while time.monotonic() - began < 40:
                    writer.write(b"x")
                    await writer.drain()
                    await asyncio.sleep(0.2)
            except ConnectionError:
                pass
            assert time.monotonic() - began < 30
            writer.close()


async def test_a_crowd_of_silent_ones_keeps_nobody_out() -> None:
    """With every place held by silence a question is answered, and the silent one that came first has gone."""
    async with serving(http_head_seconds=60.0) as port:
        crowd = [await asyncio.open_connection("127.0.0.1", port) for _ in range(60)]
        assert b"127.0.0.1" in await asked(port, QUESTION % b"")
        assert await ended(crowd[0][0]) == b""
        for _, writer in crowd:
            writer.close()


async def test_a_proxy_is_believed_when_it_is_named() -> None:
    """Who asks is who connects, unless who connects is one of our proxies; then it is the last it does not know."""
    forwarded = QUESTION % b"x-forwarded-for: 198.51.100.9, 203.0.113.7\r\n"
    async with serving() as port:
        assert b'"127.0.0.1"' in await asked(port, forwarded)
    async with serving(http_trusted_proxies="127.0.0.0/8") as port:
        assert b'"203.0.113.7"' in await asked(port, forwarded)


@pytest.mark.parametrize("text", ["*", "proxy.internal", "10.0.0.0/33"])
def test_a_proxy_is_an_address(text: str) -> None:
    """A name, or everybody, is no proxy to trust."""
    with pytest.raises(UnknownProxyError):
        trusted_proxies(text)
