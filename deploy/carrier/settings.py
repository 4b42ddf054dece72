"""What the sandbox carrier is told by its surroundings."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr

from shared.security.strength import check_text, checked
from shared.settings import HttpSettings


class CarrierSettings(HttpSettings):
    """All from the environment, ``KEFU_…``. Durations in seconds."""

    http_port: int = Field(8090, ge=0, le=65535, description="its port")
    instance: str = Field("carrier", description="its name in the logs")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")
    carrier_dir: Path = Field(Path(".local/carrier"), description="where its journal is kept")
    carrier_secret: Annotated[SecretStr, checked(check_text)] = Field(
        min_length=16, description="what its customers sign requests with"
    )
    carrier_rules: str = Field("", description="behaviour by the end of an address: 07=reject,42=slow,*=normal")
    carrier_delivery_seconds: tuple[float, float] = Field((0.2, 2.0), description="how long a delivery takes, between")
    carrier_query_lag_seconds: float = Field(1.0, ge=0, description="how far the query API lags behind")
    carrier_hang_seconds: float = Field(30.0, ge=0, description="how long a request that gets no answer is held")
    carrier_retry_seconds: tuple[float, ...] = Field(
        (1.0, 5.0, 10.0), description="refused receipts are posted again after"
    )
    notify_url: Annotated[str, Field(description="where receipts are posted, http://host:port")]
    receipt_secret: Annotated[SecretStr, checked(check_text)] = Field(
        min_length=16, description="the secret part of the receipts' path"
    )
