"""Logs: JSON lines on stderr; the event's name is constant, the data in fields, personal data masked."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from shared.masking import redacted_tree
from shared.masking.documents import HIDDEN
from shared.telemetry.repetition import OnceInAWhile

_SECRET_NAMES = re.compile(
    r".*(?:phone|mobile|token|secret|passw|card_key|data_key|api_key|authorization|cookie|e_?mail|openid).*"
    r"|text|value|body|content|sender|handles?|display_name",
    re.IGNORECASE | re.DOTALL,
)
_OURS = frozenset({"timestamp", "level", "service", "instance"})


def hide_personal_data(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hides what could be personal: fields by their name, and whatever is private in any text, number or document."""
    for name, value in event.items():
        if name not in _OURS:
            event[name] = HIDDEN if value and _SECRET_NAMES.fullmatch(name) else redacted_tree(value, _SECRET_NAMES)
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
