"""``python -m deploy.carrier``"""

import uvicorn

from deploy.carrier.app import build_carrier
from deploy.carrier.settings import CarrierSettings
from shared.http.server import server_config
from shared.telemetry import logging


def main() -> None:
    """Runs until SIGTERM. There is no access log: paths and bodies hold addresses."""
    settings = CarrierSettings()
    logging.configure(service="carrier", instance=settings.instance or "carrier", level=settings.log_level)
    uvicorn.Server(server_config(build_carrier(settings), settings, timeout_graceful_shutdown=2)).run()


if __name__ == "__main__":
    main()
