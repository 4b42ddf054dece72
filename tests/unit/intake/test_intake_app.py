"""How intake is put together and configured."""

import base64
from pathlib import Path

import pytest

from services.intake.app import build_app
from services.intake.domain.channel_rules import NOTHING
from services.intake.rules.channels import load_channels
from services.intake.settings import IntakeSettings
from shared.config.files import ConfigError
from shared.contracts.vocabulary import Channel
from tests.shipped import CONFIG

ENVIRONMENT = {
    "KAFKA_BOOTSTRAP_SERVERS": "kafka.invalid:9092",
    "DATABASE_URL": "postgresql://postgres.invalid/kefu",
    "KEFU_DATA_KEY": base64.b64encode(b"k" * 32).decode(),
    "KEFU_EVENT_KEY": base64.b64encode(b"e" * 32).decode(),
    "KEFU_CHANNEL_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "KEFU_CONFIG_DIR": str(CONFIG),
}


def test_the_service_is_built_from_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the settings of the contract alone there is a service with its edge, and nothing is connected to yet."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    document = build_app(IntakeSettings()).http().openapi()
    assert {"/v1/contacts", "/livez", "/readyz", "/metrics"} <= set(document["paths"])


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings can be printed without giving a key away."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    shown = repr(IntakeSettings())
    assert ENVIRONMENT["KEFU_DATA_KEY"] not in shown
    assert ENVIRONMENT["KEFU_CHANNEL_SECRET"] not in shown


def test_only_the_chat_may_say_who_is_speaking() -> None:
    """As shipped, a login is believed from the platform's own app and site, and an unknown channel asserts nothing."""
    channels = load_channels(CONFIG)
    assert [one for one in Channel if channels.rules_of(one).may_assert_identity] == [Channel.CHAT]
    assert channels.rules_of("video") == NOTHING


@pytest.mark.parametrize(
    ("text", "line"),
    [("channels:\n  chat:\n    may_assert: true\n", 3), ("channels:\n  chat:\n    may_assert_identity: maybe\n", 3)],
)
def test_a_mistake_in_the_channels_is_named_by_line(tmp_path: Path, text: str, line: int) -> None:
    """A misspelt permission is refused, not ignored."""
    (tmp_path / "channels.yaml").write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=f"channels.yaml:{line}: "):
        load_channels(tmp_path)
