"""What notify is told by its surroundings."""

from pydantic import Field, SecretStr

from shared.settings import ServiceSettings


class NotifySettings(ServiceSettings):
    """The service's settings, besides those of every service. Durations in seconds."""

    data_key: SecretStr = Field(description="seals members' addresses: base64 keys of 32 bytes, comma-separated")
    token_key: SecretStr = Field(description="verifies members' tokens: base64 of at least 32 bytes")
    card_key: SecretStr = Field(
        SecretStr(""), description="signs contact cards: base64 Ed25519 keys of 32 bytes, comma-separated"
    )
    receipt_secret: SecretStr = Field(min_length=16, description="the secret part of the path receipts come in by")
    carrier_url: str = Field(description="the sandbox carrier, http://host:port")
    carrier_secret: SecretStr = Field(min_length=16, description="signs requests to the sandbox carrier")
    notify_call_seconds: float = Field(5.0, gt=0, le=10, description="how long a provider may take to answer")
    notify_poll_seconds: float = Field(0.1, gt=0, description="how often due notices are looked for")
    notify_calls: int = Field(32, ge=1, le=500, description="calls to providers at a time, of one process")
