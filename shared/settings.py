"""The settings every service has, all from the environment: ``KEFU_…``, and the two names the world already uses."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


def addresses_in(servers: str) -> str:
    """The addresses of a list with commas between, whatever stands around them: a blank is no part of a name."""
    return ",".join(address.strip() for address in servers.split(",") if address.strip())


class KafkaSettings(BaseSettings):
    """As whom a client connects to Kafka, and whether encrypted."""

    model_config = SettingsConfigDict(env_prefix="KEFU_KAFKA_", frozen=True)

    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL"
    )
    sasl_mechanism: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"] = Field(
        "SCRAM-SHA-512", description="SCRAM-SHA-512, SCRAM-SHA-256 or PLAIN"
    )
    username: str = Field("", description="the principal, with SASL")
    password: SecretStr = Field(SecretStr(""), description="its password")
    ca: str = Field("", description="file of the certificates that vouch for the brokers; empty: those of the system")


class BusSettings(BaseSettings):
    """Kafka, and how patient the batch is. Durations in seconds."""

    model_config = SettingsConfigDict(env_prefix="KEFU_BUS_", frozen=True, populate_by_name=True)

    servers: Annotated[
        str,
        AfterValidator(addresses_in),
        Field(validation_alias="KAFKA_BOOTSTRAP_SERVERS", description="Kafka, host:port,…"),
    ]
    kafka: KafkaSettings = Field(default_factory=lambda: KafkaSettings())
    max_records: int = Field(500, ge=1, le=5000, description="records of one batch, at most")
    linger_seconds: float = Field(
        0.1, ge=0, description="the longest rest after a batch; it is as long as the batch took"
    )
    session_seconds: float = Field(6.0, description="a silent member loses its partitions after this")
    heartbeat_seconds: float = Field(0.5, description="how often a member says it lives")
    retry_seconds: float = Field(30.0, description="a batch is tried again in place for this long, then fetched anew")
    hang_seconds: float = Field(180.0, description="a member whose batch takes longer loses its partitions")
    batch_seconds: float = Field(15.0, description="a transaction that takes longer is tried with half of its records")
    handler_attempts: int = Field(3, ge=1, description="tries of a record alone before it is given up")
    dead_letter_limit: int = Field(
        50, ge=1, description="keys in a row whose records a handler may fail alike before consuming stops"
    )
    drain_seconds: float = Field(20.0, description="how long a stopping process may finish its batch")
    handover_seconds: float = Field(10.0, description="how long a rebalance waits for the batch of a member")
    stuck_seconds: float = Field(60.0, description="no progress for this long while records wait ends the process")
    standstill_seconds: float = Field(
        20.0, description="a partition that stands still for this long while records wait makes /readyz fail"
    )
    places_seconds: float = Field(3.0, gt=0, description="how often logs are compared with what is remembered of them")
    on_lost_records: Annotated[
        str,
        Field(
            pattern="^(stop|continue)$",
            description="when the lives of tickets are not the log remembered: stop, or continue with what is there",
        ),
    ] = "stop"
    fault: str = Field("", description="tests only: <point>[@n], kill this process there at the n-th time")


class HttpSettings(BaseSettings):
    """An HTTP side. Durations in seconds."""

    model_config = SettingsConfigDict(env_prefix="KEFU_", frozen=True, populate_by_name=True, hide_input_in_errors=True)

    http_host: str = Field("127.0.0.1", description="where the HTTP server listens")
    http_port: int = Field(8080, ge=0, le=65535, description="its port")
    http_trusted_proxies: str = Field(
        "",
        description="addresses and networks whose X-Forwarded-For says who asks, comma-separated; none if empty",
    )
    http_connections: int = Field(500, ge=10, description="HTTP connections at a time; the longest silent goes first")
    http_head_seconds: float = Field(10.0, gt=0, description="how long a connection may take to say what it wants")
    http_body_seconds: float = Field(15.0, gt=0, description="how long the body of a request may take to arrive")


class ServiceSettings(HttpSettings):
    """What each service is told by its surroundings."""

    database_url: Annotated[
        SecretStr, Field(validation_alias="DATABASE_URL", description="PostgreSQL, postgresql://user:password@host/db")
    ]
    database_connections: int = Field(6, ge=2, description="connections of one process, at most")
    keep_ended_days: float = Field(
        90.0, ge=30, description="ended tickets stay for this long: longer than they can be reopened or appealed"
    )
    instance: str = Field("", description="the name of this process in logs, for example routing-2")
    config_dir: Path = Field(Path("config"), description="the folder of the rule files")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")
    event_key: SecretStr = Field(
        description="tags our own events: base64 keys of 32 bytes, comma-separated, the newest first"
    )
    untagged_events: str = Field(
        "",
        description="types of our own events that are read without a tag, comma-separated; * for the time of a rollout",
    )
    bus: BusSettings = Field(default_factory=lambda: BusSettings())
