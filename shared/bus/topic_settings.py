"""How long each topic keeps its records: settings, and what follows from them for Kafka."""

from typing import Final

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.contracts import topics

_DAY: Final = 24 * 60 * 60 * 1000
_HOUR: Final = 60 * 60 * 1000
_SEGMENTS: Final = 14
"""A segment goes when its youngest record may: so many make a retention, each at most a 14th longer than it says."""


class TopicSettings(BaseSettings):
    """Read when topics are created or brought up to date. Days; 0 keeps for ever."""

    model_config = SettingsConfigDict(env_prefix="KEFU_TOPIC_", frozen=True)

    replicas: int = Field(1, ge=1, description="replicas of the topics that are created")
    contact_days: float = Field(14.0, ge=0, description="contacts lie on their topic, in clear, for this long")
    action_days: float = Field(14.0, ge=0, description="actions lie on their topic for this long")
    ticket_days: float = Field(1100.0, ge=0, description="the lives of tickets are kept for this long: the legal term")
    notice_days: float = Field(1100.0, ge=0, description="what was sent to whom is kept for this long: the legal term")
    dead_letter_days: float = Field(30.0, ge=0, description="dead letters, in clear, can be replayed for this long")
    reference_days: float = Field(
        7.0, gt=0, description="values of members, orders and agents that were replaced or deleted are gone after this"
    )

    def config_of(self, topic: topics.Topic) -> dict[str, str]:
        """What Kafka is told about keeping a living topic."""
        if topic.compacted:
            lag = _milliseconds(self.reference_days)
            return {
                **_STAMPED,
                "cleanup.policy": "compact",
                "retention.ms": "-1",
                "max.compaction.lag.ms": str(lag),
                "segment.ms": str(_segment(lag)),
                # a service that is away for as long as contacts are kept still hears what was deleted meanwhile
                "delete.retention.ms": str(_milliseconds(self.contact_days) or lag),
            }
        return _kept(self._days()[topic.name])

    def config_of_dead_letters(self) -> dict[str, str]:
        """The same for a topic of dead letters, which the broker compresses whatever they were."""
        return {**_kept(self.dead_letter_days), "compression.type": "zstd"}

    def _days(self) -> dict[str, float]:
        return {
            topics.CONTACT.name: self.contact_days,
            topics.ACTION.name: self.action_days,
            topics.TICKET.name: self.ticket_days,
            topics.NOTICE.name: self.notice_days,
        }


# The broker's clock counts: a record that says it is of 1970 is not gone at once, and none of 2100 stays till then.
_STAMPED: Final = {"message.timestamp.type": "LogAppendTime"}


def _kept(days: float) -> dict[str, str]:
    if days == 0:
        return {**_STAMPED, "cleanup.policy": "delete", "retention.ms": "-1", "segment.ms": str(30 * _DAY)}
    kept = _milliseconds(days)
    return {
        **_STAMPED,
        "cleanup.policy": "delete",
        "retention.ms": str(kept),
        "segment.ms": str(_segment(kept)),
    }


def _milliseconds(days: float) -> int:
    return max(1, int(days * _DAY)) if days else 0


def _segment(kept: int) -> int:
    """Short enough that little outstays its time, long enough that a quiet topic is not a thousand files."""
    return min(max(kept // _SEGMENTS, min(_HOUR, kept)), 30 * _DAY)
