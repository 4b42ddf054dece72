"""A record as it lay on Kafka, sealed for the while it has to be kept: its text may be a member's."""

import base64
import json

from aiokafka import ConsumerRecord

from shared.bus.record import Record, read
from shared.security.sealing import Sealer

_CREATE_TIME = 0


def seal(record: Record, sealer: Sealer, *, context: str) -> bytes:
    """Everything needed to have the very same record again."""
    headers = [[name, _text(value)] for name, value in record.headers]
    place = [record.topic, record.partition, record.offset, record.timestamp]
    return sealer.seal(json.dumps([place, _text(record.key), _text(record.value), headers]), context=context)


def unseal(sealed: bytes, sealer: Sealer, *, context: str) -> Record:
    """The record again. Raises ``DataKeyError`` when the key it was sealed with is gone."""
    (topic, partition, offset, timestamp), key, value, headers = json.loads(sealer.open(sealed, context=context))
    return read(
        ConsumerRecord(
            topic=topic,
            partition=partition,
            offset=offset,
            timestamp=timestamp,
            timestamp_type=_CREATE_TIME,
            key=_bytes(key),
            value=_bytes(value),
            checksum=None,
            serialized_key_size=-1,
            serialized_value_size=-1,
            headers=[(name, _bytes(text)) for name, text in headers],
        )
    )


def _text(value: bytes | None) -> str | None:
    return None if value is None else base64.b64encode(value).decode()


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)
