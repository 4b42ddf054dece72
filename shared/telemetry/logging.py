"""Logs: JSON lines on stderr; the event's name is constant, the data in fields, personal data masked."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from shared.telemetry.repetition import OnceInAWhile

_SECRET_NAMES = re.compile(r"phone|token|secret|password|card_key|authorization|text|value", re.IGNORECASE)
_LONG_DIGITS = re.compile(r"(?<![\w.-])\+?\d[\d -]{8,}\d(?![\w-])")


def hide_personal_data(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hides what could be personal: fields by their name, phone-like numbers in any text."""
    for name, value in event.items():
        if _SECRET_NAMES.fullmatch(name) and value:
            event[name] = "***"
        elif isinstance(value, str) and name not in ("timestamp", "event"):
            event[name] = _LONG_DIGITS.sub("***", value)
    return event


def configure(*, service: str, instance: str, level: str) -> None:
    """Routes structlog and the standard library's loggers to stderr as JSON lines; ``instance`` names the process."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _stamp(service, instance),
    ]
    structlog.configure(
        processors=[
            *shared,
            structlog.processors.format_exc_info,
            hide_personal_data,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            hide_personal_data,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    handler.addFilter(OnceInAWhile())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("uvicorn.access").disabled = True


def _stamp(service: str, instance: str) -> structlog.types.Processor:
    def stamp(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["service"], event["instance"] = service, instance
        return event

    return stamp
