"""The words of the day, from the YAML files beside this one."""

from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final

import yaml
from pydantic import Field

from shared.config.rule_model import RuleModel
from shared.contracts.vocabulary import Channel, Presence, Team, Tier

_FOLDER: Final = Path(__file__).parent

Words = Annotated[tuple[str, ...], Field(min_length=1)]
Share = Annotated[float, Field(ge=0, le=1)]
CHINESE: Final = "zh"


class Goods(RuleModel):
    """Something that is sold."""

    sku: str
    name: str
    amounts: Words
    supplier: str


class Colleague(RuleModel):
    """An agent. ``leaves`` and ``returns``: when in the day, as a share of it; ``advisor``: of enterprise members."""

    id: str
    name: str
    team: Team
    capacity: int
    languages: tuple[str, ...]
    skills: dict[str, int]
    presence: Presence = Presence.ONLINE
    advisor: bool = False
    leaves: Share | None = None
    returns: Share | None = None


class Cast(RuleModel):
    """Who plays, and what is sold."""

    products: dict[str, tuple[Goods, ...]]
    surnames: Words
    given_names: Words
    companies: Words
    english_names: Words
    agents: tuple[Colleague, ...]


class MatterTexts(RuleModel):
    """What is written about one kind of matter, by language, and how often it comes up."""

    share: int
    channels: dict[Channel, int]
    first: dict[str, Words]
    answer: Words
    solution: Words
    category: str | None = None
    tier: Tier | None = None
    details: dict[str, Words] = Field(default_factory=dict)
    nudge: dict[str, Words] = Field(default_factory=dict)
    ask: tuple[str, ...] = ()
    reply: dict[str, Words] = Field(default_factory=dict)
    thanks: dict[str, Words] = Field(default_factory=dict)


class Texts(RuleModel):
    """All that is written."""

    matters: dict[str, MatterTexts]
    appeals: Words
    reopen_reasons: Words
    declines: Words
    updates: dict[str, str]
    courtesy: Words
    takeovers: dict[Team, Words]


@cache
def cast() -> Cast:
    """The people and the goods."""
    return Cast.model_validate(_read("cast.yaml"))


@cache
def texts() -> Texts:
    """The words."""
    return Texts.model_validate(_read("matters.yaml"))


def _read(name: str) -> Any:
    return yaml.safe_load((_FOLDER / name).read_text(encoding="utf-8"))
