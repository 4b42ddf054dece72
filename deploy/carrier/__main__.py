"""``python -m deploy.carrier``"""

import uvicorn

from deploy.carrier.app import build_carrier
from deploy.carrier.settings import CarrierSettings
from shared.telemetry import logging


def main() -> None:
    """Runs until SIGTERM. There is no access log: paths and bodies hold addresses."""
    settings = CarrierSettings()
    logging.configure(service="carrier", instance=settings.instance or "carrier", level=settings.log_level)
    uvicorn.run(
        build_carrier(settings),
        host=settings.http_host,
        port=settings.http_port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=2,
        server_header=False,
    )


if __name__ == "__main__":
    main()
