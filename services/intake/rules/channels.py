"""``config/channels.yaml``: what each channel is trusted with."""

from pathlib import Path
from typing import Final

from services.intake.domain.channel_rules import NOTHING, ChannelRules
from shared.config.files import load_yaml
from shared.config.rule_model import RuleModel
from shared.contracts.vocabulary import Channel

CHANNELS_FILE: Final = "channels.yaml"
OTHER: Final = "other"

_CONTRACT: Final = frozenset(Channel)


class Channels(RuleModel):
    """The channels by name."""

    channels: dict[str, ChannelRules]

    def rules_of(self, channel: str) -> ChannelRules:
        """What the channel is trusted with: nothing, when it is not named."""
        return self.channels.get(channel, NOTHING)

    def label(self, channel: str) -> str:
        """What figures call the channel: its name, or ``other``, so that strangers' words do not become labels."""
        return channel if channel in self.channels or channel in _CONTRACT else OTHER


def load_channels(folder: Path) -> Channels:
    """Reads the file in ``folder``. Raises ConfigError with file, line and reason."""
    return load_yaml(folder / CHANNELS_FILE).parse_as(Channels)
