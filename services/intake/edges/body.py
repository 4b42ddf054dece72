"""Reading a request's body, up to a limit and no further."""

from fastapi import Request

from shared.http import Problem


async def read_body(request: Request, most: int) -> bytes:
    """The body. Raises Problem 413 as soon as it is known to be larger than ``most`` bytes, declared or not."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > most:
        raise _too_large(most)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise _too_large(most)
    return bytes(body)


def _too_large(most: int) -> Problem:
    # What is still on its way is not read, so the connection cannot be used again.
    return Problem(413, "Content Too Large", f"the body may have {most:,} bytes", headers={"connection": "close"})
