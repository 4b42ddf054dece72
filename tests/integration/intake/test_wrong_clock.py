"""Intake on a host whose clock is wrong: webhooks are judged, and contacts dated, by the time of the database."""

import asyncio
import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import socket

import asyncpg
import httpx
import pytest

from services.intake.edges.credentials import key_of
from services.intake.edges.standard_webhooks import TOLERANCE_SECONDS, sign
from services.intake.edges.webhook import PATH
from shared.bus.topics import create
from tests.integration.own_database import own_database

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SECONDS = 40.0
MINUTE = timedelta(minutes=1)


@asynccontextmanager
async def intake_off_by(seconds: int, servers: dict[str, str], url: str, log: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A process of intake whose clock is wrong by so much, once it is ready."""
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    wiring = {"DATABASE_URL": url, "KEFU_CHANNEL_SECRET": SECRET, "KEFU_HTTP_PORT": str(port)}
    process = _started(seconds, {**servers, **wiring}, log)
    try:
        async with (
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10) as client,
            asyncio.timeout(SECONDS),
        ):
            while not await _is_ready(client):
                assert process.poll() is None, _end_of(log)
                await asyncio.sleep(0.2)
            yield client
    finally:
        process.kill()
        process.wait()


def _started(seconds: int, environment: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.chaos.skewed", str(seconds), "services.intake"]
    with log.open("ab") as out:
        return subprocess.Popen(command, env={**os.environ, **environment}, stdout=out, stderr=out)


def _end_of(log: Path) -> str:
    return log.read_text()[-2000:]


async def _is_ready(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/readyz")).status_code == 200
    except httpx.TransportError:
        return False


async def post(client: httpx.AsyncClient, contact_id: str, received_at: datetime, signed: datetime) -> int:
    """Posts a contact; the status of the answer."""
    told = {"contact_id": contact_id, "channel": "phone", "received_at": received_at.isoformat(), "text": "充值没到账"}
    sender = {"kind": "phone", "value": f"139{int(contact_id[:6], 16) % 10**8:08d}"}
    body = json.dumps({**told, "sender": sender}).encode()
    name, at = f"msg-{contact_id}", int(signed.timestamp())
    headers = {"webhook-id": name, "webhook-timestamp": str(at)}
    headers["webhook-signature"] = sign(key_of(SECRET), name, at, body)
    return (await client.post(PATH, content=body, headers={**headers, "content-type": "application/json"})).status_code


@pytest.mark.parametrize("off", [-61, -10, 10, 61], ids=lambda minutes: f"{minutes:+d} minutes")
async def test_webhooks_are_taken_by_the_time_of_the_database(
    off: int, servers: dict[str, str], tmp_path: Path
) -> None:
    """An honest one is taken and an old one is not, however wrong the host; what comes from the future came now."""
    await create(servers["KAFKA_BOOTSTRAP_SERVERS"])
    now, old = datetime.now(UTC), datetime.now(UTC) - timedelta(seconds=TOLERANCE_SECONDS + 120)
    received = {uuid.uuid4().hex: at for at in (now, now - 20 * MINUTE, now + 4 * MINUTE, now + 60 * MINUTE)}
    async with (
        own_database(servers["DATABASE_URL"], "intake") as url,
        intake_off_by(off * 60, servers, url, tmp_path / "intake.log") as client,
    ):
        assert await post(client, "0ddba11", now, signed=old) == 401
        assert await post(client, "0ddba11", now, signed=now + (now - old)) == 401
        for contact_id, at in received.items():
            assert await post(client, contact_id, at, signed=now) == 202
        dated = await _dated(url, list(received))
    for contact_id, at in received.items():
        assert abs((dated[contact_id] - min(at, now)).total_seconds()) < 60


async def _dated(url: str, contacts: list[str]) -> dict[str, datetime]:
    connection = await asyncpg.connect(url)
    end = time.monotonic() + SECONDS
    try:
        while True:
            rows = await connection.fetch(
                "select contact_id, last_contact_at from intake.contact join intake.ticket using (ticket_id)"
                " where contact_id = any($1::text[])",
                contacts,
            )
            if len(rows) == len(contacts):
                return {row["contact_id"]: row["last_contact_at"] for row in rows}
            assert time.monotonic() < end, f"{len(rows)} of {len(contacts)} became tickets"
            await asyncio.sleep(0.2)
    finally:
        await connection.close()
