"""The least that answers ``/readyz``, for processes that are kept like our services."""

import asyncio
import os


async def answer_readyz() -> asyncio.Server:
    """Answers 200 to whatever comes, from now on."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    return await asyncio.start_server(answer, "127.0.0.1", int(os.environ["KEFU_HTTP_PORT"]))
