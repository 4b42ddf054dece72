"""A process that starts in the place of one that died says so to their group, which then waits for the dead no longer.

Kafka keeps the partitions of a silent member until its session ends, 6 s at the least by a broker's default. The name
of a process (`KEFU_INSTANCE`, else service, host and process id) is its client id: a member of that name which is there
before we are is our predecessor. Static membership (KIP-345) would find it too, but keeps a *stopped* process's
partitions as well, so that a rolling restart stands still for as long as a process takes to start.
"""

import asyncio
from typing import Final

import structlog
from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.admin import DescribeGroupsRequest
from aiokafka.protocol.coordination import FindCoordinatorRequest
from aiokafka.protocol.group import LeaveGroupRequest

from shared.bus.connection import connection
from shared.failures import for_log

SECONDS: Final = 3.0
GROUP_COORDINATOR: Final = 0

log = structlog.get_logger()


async def leave_for_predecessors(servers: str, *, group: str, client_id: str) -> int:
    """Takes the members named ``client_id`` out of ``group``; returns how many there were.

    Call it before joining. Gives up after three seconds, or when Kafka is away: then the session decides, as it does
    without us. One that lives after all, because two were given the same name, joins again.
    """
    client = AIOKafkaClient(**connection(servers, client_id=client_id))
    try:
        async with asyncio.timeout(SECONDS):
            await client.bootstrap()
            gone = await _leave(client, group, client_id)
    except Exception as error:  # whatever it is, it costs seconds and nothing else
        log.info("bus.predecessor_unknown", error=for_log(error))
        return 0
    finally:
        await client.close()
    if gone:
        log.info("bus.left_for_predecessor", members=gone)
    return gone


async def _leave(client: AIOKafkaClient, group: str, client_id: str) -> int:
    found = await client.send(client.get_random_node(), FindCoordinatorRequest(group, GROUP_COORDINATOR))
    if found.error_code:  # a new cluster has no coordinator, and no member, yet
        return 0
    described = await client.send(found.coordinator_id, DescribeGroupsRequest([group]))
    members = [member for *_, members in described.groups for member in members]
    gone = [member_id for member_id, named, *_ in members if named == client_id]
    for member_id in gone:
        await client.send(found.coordinator_id, LeaveGroupRequest(group, member_id))
    return len(gone)
