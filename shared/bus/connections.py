"""How a process is connected to Kafka in order to read: as a member of its group, and as one who asks for records."""

from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener
from aiokafka.client import AIOKafkaClient

from shared.bus.connection import connection
from shared.settings import BusSettings


def group_member(
    settings: BusSettings, *, topics: Sequence[str], group: str, client_id: str, listener: ConsumerRebalanceListener
) -> AIOKafkaConsumer:
    """Who is kept in ``group``, and tells ``listener`` what it is assigned. Not started yet."""
    consumer = AIOKafkaConsumer(
        **connection(settings.servers, client_id=client_id, access=settings.kafka),
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        request_timeout_ms=_patience(settings),
        retry_backoff_ms=250,
        session_timeout_ms=int(settings.session_seconds * 1000),
        heartbeat_interval_ms=int(settings.heartbeat_seconds * 1000),
        rebalance_timeout_ms=int((settings.handover_seconds + 2) * 1000),
        max_poll_interval_ms=int(settings.hang_seconds * 1000),
    )
    consumer.subscribe(topics=list(topics), listener=listener)
    return consumer


def record_client(settings: BusSettings, *, topics: Sequence[str], client_id: str) -> AIOKafkaClient:
    """Who asks the brokers for records of ``topics``. Not connected yet."""
    client = AIOKafkaClient(
        **connection(settings.servers, client_id=f"{client_id}-fetch", access=settings.kafka),
        request_timeout_ms=_patience(settings),
        retry_backoff_ms=250,
    )
    client.set_topics(list(topics))
    return client


def _patience(settings: BusSettings) -> int:
    """A broker that restarts may forget that somebody is joining: nobody waits much longer than a rebalance may."""
    return int((settings.handover_seconds + 5) * 1000)
