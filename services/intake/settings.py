"""The settings of intake."""

from typing import Annotated

from pydantic import Field, SecretStr

from shared.settings import ServiceSettings


class IntakeSettings(ServiceSettings):
    """What intake is given by its surroundings, beside what every service is."""

    data_key: Annotated[
        SecretStr, Field(description="seals personal data: base64 keys of 32 bytes, comma-separated, the first seals")
    ]
    channel_secrets: SecretStr = Field(
        SecretStr(""),
        description="signs POST /v1/contacts: <channel>=whsec_…, comma-separated; a channel may have two for a while",
    )
    channel_secret: SecretStr = Field(
        SecretStr(""), description="the same for every channel at once, whsec_…: for a machine of one's own"
    )
    threading_window_hours: float = Field(
        24.0, ge=0, description="what is over is taken up again by the same problem of the same member for this long"
    )
    greeting_wait_seconds: float = Field(
        120.0, ge=0, description="how long a greeting or a picture waits for the matter; then it is a ticket of its own"
    )
    oldest_contact_hours: float = Field(
        72.0, ge=0, description="a contact that claims to be older has a wrong clock, and counts as received now"
    )
    keep_contacts_days: float = Field(
        1100.0,
        ge=30,
        description="what members wrote stays, sealed, for this long after its ticket ended, or came, if it has none",
    )
    keep_orders_days: float = Field(
        1100.0, ge=30, description="orders the platform says nothing new of are known for this long"
    )
    webhook_rate: float = Field(100.0, gt=0, description="contacts a second each channel may post, per process")
    webhook_burst: int = Field(200, ge=1, description="contacts a channel may post at once, per process")
    webhook_publish_seconds: float = Field(
        5.0, gt=0, description="how long POST /v1/contacts waits for Kafka before it answers 503"
    )
