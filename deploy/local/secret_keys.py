"""The secrets of one local stack: made once, kept in a file only its owner reads."""

import base64
import os
import secrets
from collections.abc import Callable, Mapping
from typing import Final

from deploy.local.layout import Layout
from deploy.local.shell_file import read_shell_file, write_shell_file
from services.migrate import role_password
from shared.contracts.services import SERVICES as WITH_SCHEMA

DATABASE_PASSWORD: Final = "DATABASE_PASSWORD"  # noqa: S105 - the name, not the password
CHANNEL_SECRET: Final = "KEFU_CHANNEL_SECRET"  # noqa: S105 - the name, not the secret


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _webhook_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


SERVICE_SECRETS: Final[Mapping[str, Callable[[], str]]] = {
    "KEFU_DATA_KEY": _key,
    "KEFU_TOKEN_KEY": _key,
    "KEFU_CARD_KEY": _key,
    "KEFU_EVENT_KEY": _key,
    "KEFU_ACTION_KEYS": lambda: f"desk={_key()},platform={_key()}",
    CHANNEL_SECRET: _webhook_secret,
    "KEFU_RECEIPT_SECRET": lambda: secrets.token_urlsafe(24),
    "KEFU_CARRIER_SECRET": lambda: secrets.token_urlsafe(24),
}


_ROLE_PASSWORDS: Final = tuple(role_password(service) for service in WITH_SCHEMA)


def database_password(layout: Layout) -> str:
    """The password of the embedded PostgreSQL."""
    return _kept(layout)[DATABASE_PASSWORD]


def role_passwords(layout: Layout) -> dict[str, str]:
    """The passwords of the services' own roles in the embedded PostgreSQL, by the name `services.migrate` reads."""
    kept = _kept(layout)
    return {name: kept[name] for name in _ROLE_PASSWORDS}


def service_secrets(layout: Layout, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What services sign, seal and verify with; one set in the environment wins over the one made here."""
    kept = _kept(layout)
    return {name: environment.get(name) or kept[name] for name in SERVICE_SECRETS}


def _kept(layout: Layout) -> dict[str, str]:
    kept = read_shell_file(layout.secrets)
    passwords = dict.fromkeys((DATABASE_PASSWORD, *_ROLE_PASSWORDS), lambda: secrets.token_urlsafe(24))
    makers = {**passwords, **SERVICE_SECRETS}
    missing = {name: make() for name, make in makers.items() if name not in kept}
    if missing:
        kept |= missing
        write_shell_file(layout.secrets, kept, title="Secrets of this local stack. They are lost with `make clean`.")
    return kept
