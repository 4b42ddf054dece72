"""How an HTTP side is served: silence ends, connections are counted, and no proxy is believed that is not named."""

from collections import OrderedDict
from ipaddress import ip_network
from typing import Any, ClassVar

import structlog
import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from shared.settings import HttpSettings
from shared.telemetry import metrics

log = structlog.get_logger()


class UnknownProxyError(ValueError):
    """KEFU_HTTP_TRUSTED_PROXIES names something that is no address and no network."""


def server_config(app: FastAPI, settings: HttpSettings, **options: Any) -> uvicorn.Config:
    """The configuration of uvicorn for every HTTP side of ours. ``options`` are further ones of uvicorn's."""
    proxies = trusted_proxies(settings.http_trusted_proxies)
    return uvicorn.Config(
        app,
        host=settings.http_host,
        port=settings.http_port,
        http=impatient(settings.http_head_seconds, settings.http_connections),
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies,
        log_config=None,
        access_log=False,
        server_header=False,
        **options,
    )


def trusted_proxies(text: str) -> list[str]:
    """The addresses and networks whose ``X-Forwarded-For`` is believed. Nobody's is, when there are none."""
    try:
        return [str(ip_network(part.strip(), strict=False)) for part in text.split(",") if part.strip()]
    except ValueError as error:
        raise UnknownProxyError(f"KEFU_HTTP_TRUSTED_PROXIES: {error}") from None


def impatient(head_seconds: float, connections: int) -> type[H11Protocol]:
    """uvicorn's protocol with what it lacks: an end of waiting for a request, and of connections."""
    shared = {"head_seconds": head_seconds, "most": connections, "waiting": OrderedDict()}
    return type("ImpatientProtocol", (_ImpatientProtocol,), shared)


class _ImpatientProtocol(H11Protocol):
    """A connection that has ``head_seconds`` to say what it wants, from its first byte or its beginning.

    When there are more than ``most``, the one that has been silent for longest is closed: who has a question asks it,
    and who only holds a place loses it first. Between two requests uvicorn's own time-out holds.
    """

    head_seconds: ClassVar[float]
    most: ClassVar[int]
    waiting: ClassVar["OrderedDict[_ImpatientProtocol, Any]"]

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._await_head()
        if len(self.connections) > self.most:
            next(iter(self.waiting))._cut_off("crowded")

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()
        elif self not in self.waiting:
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _await_head(self) -> None:
        if not self.transport.is_closing():
            self.waiting[self] = self.loop.call_later(self.head_seconds, self._cut_off, "silent")

    def _stop_waiting(self) -> None:
        if timer := self.waiting.pop(self, None):
            timer.cancel()

    def _cut_off(self, why: str) -> None:
        self._stop_waiting()
        metrics.HTTP_CUT_OFF.labels(why).inc()
        self.transport.abort()
