"""How every client of ours reaches Kafka: where it is, as whom, and encrypted or not. Spelled here and nowhere else."""

import ssl
from typing import Any

from shared.settings import KafkaSettings


def connection(servers: str, *, client_id: str | None = None, access: KafkaSettings | None = None) -> dict[str, Any]:
    """The options any client of aiokafka takes to connect. ``access`` is read from the environment when left out."""
    access = access or KafkaSettings()
    options: dict[str, Any] = {"bootstrap_servers": servers, "security_protocol": access.security_protocol}
    if client_id is not None:
        options["client_id"] = client_id
    if access.security_protocol.endswith("SSL"):
        options["ssl_context"] = ssl.create_default_context(cafile=access.ca or None)
    if access.security_protocol.startswith("SASL"):
        options |= {
            "sasl_mechanism": access.sasl_mechanism,
            "sasl_plain_username": access.username,
            "sasl_plain_password": access.password.get_secret_value(),
        }
    return options
