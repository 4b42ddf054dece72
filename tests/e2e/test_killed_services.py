"""kill -9 of each service at each step of its batch: every ticket lives its life once, every notice is sent once."""

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from deploy.local.services import SERVICES
from deploy.local.stack import Stack
from shared.bus import faults
from tests.e2e.outside import NOTICE, TICKET, Heard, Json, Outside

CONTACTS_A_STEP = 4
QUICK = {"KEFU_BUS_SESSION_SECONDS": "1.5", "KEFU_BUS_HEARTBEAT_SECONDS": "0.3"}


def _start(stack: Stack, service: str, fault: str, log: Path) -> subprocess.Popen[bytes]:
    environment = stack.environment()
    port = urlsplit(environment["KEFU_NOTIFY_URL"]).port if service == "notify" else 0
    with log.open("ab") as file:
        return subprocess.Popen(
            [sys.executable, "-m", f"services.{service}"],
            env={**os.environ, **environment, **QUICK, "KEFU_HTTP_PORT": str(port), "KEFU_BUS_FAULT": f"{fault}@1"},
            stdout=file,
            stderr=file,
        )


async def _dies(process: subprocess.Popen[bytes], seconds: float = 30) -> bool:
    for _ in range(int(seconds * 20)):
        if process.poll() is not None:
            return process.returncode == -signal.SIGKILL
        await asyncio.sleep(0.05)
    process.kill()
    return False


@pytest.mark.timeout(300)
@pytest.mark.parametrize("service", [service.name for service in SERVICES])
async def test_a_service_killed_at_every_step_loses_and_doubles_nothing(
    outside: Outside, running_stack: Stack, service: str, tmp_path: Path
) -> None:
    """Contacts flow while a service dies once at each step; afterwards each has one ticket with one life."""
    agent = await outside.agent(outside.name("A"), tiers=["enterprise"], capacity=500)
    phone = await outside.member(outside.name("M"), tier="enterprise", advisor_agent_id=agent)
    await asyncio.sleep(1)
    sent: list[Json] = []
    running_stack.halt(service)
    try:
        for point in faults.POINTS:
            process = _start(running_stack, service, point, tmp_path / "log")
            for number in range(CONTACTS_A_STEP):
                text = f"充值没到账,订单号 KB{len(sent):04d}{number}20261015"
                sent.append(
                    await outside.send_contact(channel="phone", sender={"kind": "phone", "value": phone}, text=text)
                )
            died = await _dies(process)
            assert died, f"{service} did not pass {point}:\n{(tmp_path / 'log').read_text()[-2000:]}"
    finally:
        running_stack.resume(service)

    tickets = [(await outside.opened(contact))["ticket_id"] for contact in sent]
    for ticket in tickets:
        await outside.of(ticket, "promised")
        await outside.of(ticket, "assigned")
        await outside.act(ticket, "accept", f"agent:{agent}")
        await outside.act(ticket, "answer", f"agent:{agent}", text="您好")
    for ticket in tickets:
        await outside.of(ticket, "answered")
        await outside.notice(ticket, "planned")
    await outside.listen(2)

    assert len(set(tickets)) == len(sent)
    said = _distinct(outside.heard, set(tickets))
    for ticket in tickets:
        verbs = Counter(one.verb for one in said if one.topic == TICKET and one.value["ticket_id"] == ticket)
        expected = {"opened": 1, "promised": 1, "queued": 1, "assigned": 1, "accepted": 1, "answered": 1}
        assert verbs == expected, (service, ticket)
        story = [one.verb for one in said if one.topic == TICKET and one.value["ticket_id"] == ticket]
        assert story[0] == "opened"
        assert story.index("assigned") < story.index("accepted") < story.index("answered")
    planned = Counter(one.value["notice_id"] for one in said if one.topic == NOTICE and one.verb == "planned")
    assert set(planned.values()) == {1}
    await _nothing_reached_a_handset_twice(outside)


def _distinct(heard: list[Heard], tickets: set[str]) -> list[Heard]:
    """What was said about these tickets; a publication repeated after a crash has the same id and counts once."""
    seen: set[bytes | None] = set()
    distinct = []
    for one in heard:
        name = one.headers.get("ce_id")
        if one.value.get("ticket_id") in tickets and name not in seen:
            seen.add(name)
            distinct.append(one)
    return distinct


async def _nothing_reached_a_handset_twice(outside: Outside) -> None:
    async with httpx.AsyncClient(base_url=outside.environment["KEFU_CARRIER_URL"], trust_env=False) as client:
        counted = (await client.get("/v1/handset")).json()
    assert counted["duplicates"] == 0, counted
