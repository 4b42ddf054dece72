"""An agent as routing knows them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shared.contracts.vocabulary import Presence, Team


@dataclass(frozen=True, slots=True)
class Agent:
    """``load`` counts the tickets reserved for them or held by them; it may exceed a capacity that was lowered.

    ``absent_since``: when they went offline; ``gone``: the platform deleted them.
    Empty ``skills``: any problem type. Empty ``languages``: any language. ``tiers`` None: every tier.
    """

    agent_id: str
    team: str = Team.FRONTLINE
    skills: Mapping[str, int] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    tiers: frozenset[str] | None = None
    capacity: int = 1
    presence: str = Presence.OFFLINE
    load: int = 0
    last_assigned_at: datetime | None = None
    absent_since: datetime | None = None
    gone: bool = False

    @property
    def online(self) -> bool:
        """Whether they can be given tickets at all."""
        return self.presence == Presence.ONLINE

    @property
    def free(self) -> bool:
        """Whether they can be given one more ticket now."""
        return self.online and self.load < self.capacity

    def serves(self, tier: str) -> bool:
        """Whether they serve members of this tier."""
        return self.tiers is None or tier in self.tiers

    def knows(self, problem_type: str) -> bool:
        """Whether they have the skill."""
        return not self.skills or self.skills.get(problem_type, 0) > 0

    def speaks(self, language: str | None) -> bool:
        """Whether they speak it; regions do not matter (zh-Hant is zh)."""
        if language is None or not self.languages:
            return True
        return language.partition("-")[0] in {known.partition("-")[0] for known in self.languages}
