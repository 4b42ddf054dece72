"""``config/channels.yaml``: which channels' word is taken for who is speaking."""

from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict

from shared.config_files import load_yaml
from shared.contracts.vocabulary import Channel

CHANNELS_FILE: Final = "channels.yaml"
OTHER: Final = "other"

_CONTRACT: Final = frozenset(Channel)


class ChannelRules(BaseModel):
    """``may_assert_identity``: the channel logs its members in itself, and only signed-in producers write for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    may_assert_identity: bool = False


class Channels(BaseModel):
    """The channels by name. One that is not named may assert nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    channels: dict[str, ChannelRules]

    def may_assert_identity(self, channel: str) -> bool:
        """Whether ``member_id`` with ``authenticated`` is believed from this channel."""
        rules = self.channels.get(channel)
        return rules is not None and rules.may_assert_identity

    def label(self, channel: str) -> str:
        """What figures call the channel: its name, or ``other``, so that strangers' words do not become labels."""
        return channel if channel in self.channels or channel in _CONTRACT else OTHER


def load_channels(folder: Path) -> Channels:
    """Reads the file in ``folder``. Raises ConfigError with file, line and reason."""
    return load_yaml(folder / CHANNELS_FILE).parse_as(Channels)
