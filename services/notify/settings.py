"""What notify is told by its surroundings."""

from typing import Annotated

from pydantic import Field, SecretStr

from shared.security.strength import check_text, checked
from shared.security.tokens import TokenSettings
from shared.settings import ServiceSettings


class NotifySettings(TokenSettings, ServiceSettings):
    """The service's settings, besides those of every service. Durations in seconds."""

    data_key: SecretStr = Field(description="seals members' addresses: base64 keys of 32 bytes, the first seals")
    card_key: SecretStr = Field(
        SecretStr(""), description="signs contact cards: base64 Ed25519 keys of 32 bytes, comma-separated"
    )
    receipt_secret: Annotated[SecretStr, checked(check_text)] = Field(
        min_length=16, description="the secret part of the path receipts come in by"
    )
    carrier_url: str = Field(description="the sandbox carrier, http://host:port")
    carrier_secret: Annotated[SecretStr, checked(check_text)] = Field(
        min_length=16, description="signs requests to the sandbox carrier"
    )
    notify_call_seconds: float = Field(5.0, gt=0, le=10, description="how long a provider may take to answer")
    notify_poll_seconds: float = Field(0.1, gt=0, description="how often due notices are looked for")
    notify_calls: int = Field(32, ge=1, le=500, description="calls to providers at a time, of one process")
