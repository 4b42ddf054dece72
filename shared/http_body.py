"""Reading a request's body, keeping no more than a limit of it."""

from fastapi import Request

from shared.http import Problem

_PATIENCE = 8


async def read_body(request: Request, most: int) -> bytes:
    """The body. Raises Problem (413) when it has more than ``most`` bytes, declared or not.

    What is too much is read and forgotten for a while, since most clients look at the answer only after they have sent
    everything; a sender without end is cut off.
    """
    body = bytearray()
    read = 0
    async for chunk in request.stream():
        read += len(chunk)
        if read <= most:
            body += chunk
        elif read > _PATIENCE * most:
            break
    if read > most:
        raise _too_large(most)
    return bytes(body)


def _too_large(most: int) -> Problem:
    # What may still be on its way is not read, so the connection cannot be used again.
    return Problem(413, "Content Too Large", f"the body may have {most:,} bytes", headers={"connection": "close"})
