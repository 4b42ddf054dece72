"""The wiring of the sandbox carrier."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from fastapi import FastAPI

from deploy.carrier.api import Carrier, carrier_routes
from deploy.carrier.behaviour import Rules
from deploy.carrier.journal import Journal
from deploy.carrier.network import Network
from deploy.carrier.receipts import Receipts
from deploy.carrier.settings import CarrierSettings
from shared.http.body import BodyGuard
from shared.http.health import health_routes
from shared.http.problems import install_problem_documents


class _Ready:
    """It has no checks: once it answers it is ready."""

    async def checks(self) -> dict[str, str]:
        return {}


def build_carrier(settings: CarrierSettings) -> FastAPI:
    """The carrier's HTTP server; its journal is opened here, deliveries go on when it starts."""
    journal = Journal(settings.carrier_dir)
    url = f"{settings.notify_url.rstrip('/')}/v1/receipts/sandbox/{settings.receipt_secret.get_secret_value()}"
    receipts = Receipts(url, journal, retry_seconds=settings.carrier_retry_seconds)
    network = Network(journal, receipts, seconds=settings.carrier_delivery_seconds)
    carrier = Carrier(
        secret=settings.carrier_secret.get_secret_value(),
        rules=Rules(settings.carrier_rules),
        journal=journal,
        network=network,
        query_lag_seconds=settings.carrier_query_lag_seconds,
        hang_seconds=settings.carrier_hang_seconds,
    )

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        posting = asyncio.create_task(receipts.run())
        network.resume()
        app.state.running = _Ready()
        yield
        posting.cancel()
        await asyncio.gather(posting, return_exceptions=True)
        await network.close()
        await receipts.close()
        journal.close()

    app = FastAPI(title="Sandbox carrier", version="1", lifespan=lifespan, docs_url=None, redoc_url=None)
    install_problem_documents(app)
    app.add_middleware(BodyGuard, seconds=settings.http_body_seconds)
    app.include_router(health_routes())
    app.include_router(carrier_routes(carrier))
    return app
