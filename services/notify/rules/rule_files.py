"""The rule files of notify, read and checked as a whole: ``notices.yaml``, ``directory.yaml``, ``templates/*.yaml``."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final, TypeVar

from pydantic import Field

from services.notify.domain.directory import Directory, DirectoryEntry, EntryKind
from services.notify.domain.firewall import scan
from services.notify.domain.follow_up import FollowUpPolicy
from services.notify.domain.planning import KindRule, Limit
from services.notify.domain.submitting import NoticePolicy
from services.notify.domain.templates import DEFAULT_LOCALE, TextCatalogue, TextCatalogues
from services.notify.domain.ticket import NoticeKind
from shared.config.files import ConfigError, ConfigFile, ConfigProblem, load_yaml
from shared.config.rule_model import RuleModel
from shared.contracts.vocabulary import NoticeChannel

T = TypeVar("T")

TEMPLATES: Final = "templates"
"""The folder of the catalogues, within that of the rule files."""

SENDABLE = (NoticeChannel.PUSH, NoticeChannel.SMS)
"""The channels there are providers for."""


@dataclass(frozen=True, slots=True)
class NotifyRules:
    """Everything notify is told by people."""

    policy: NoticePolicy
    member_grace: timedelta
    follow_up: FollowUpPolicy
    verify_per_minute: int
    verify_per_day: int


class _KindRule(RuleModel):
    channels: Annotated[list[NoticeChannel], Field(min_length=1)]
    useful_for_minutes: Annotated[float, Field(gt=0)]
    resend: bool


class _Limit(RuleModel):
    per_hour: Annotated[int, Field(ge=1)]
    per_day: Annotated[int, Field(ge=1)]


_Waits = Annotated[list[Annotated[float, Field(gt=0)]], Field(min_length=1)]


class _Verify(RuleModel):
    per_minute: Annotated[int, Field(ge=1)]
    per_day: Annotated[int, Field(ge=1)]


class _Notices(RuleModel):
    kinds: dict[NoticeKind, _KindRule]
    limits: dict[NoticeChannel, _Limit]
    member_grace_seconds: Annotated[float, Field(ge=0)]
    in_doubt_asked_after_seconds: _Waits
    receipt_asked_after_seconds: _Waits
    verify: _Verify


class _Directory(RuleModel):
    entries: list[DirectoryEntry]


def load_rules(folder: Path) -> NotifyRules:
    """Reads the rule files of ``folder``. Raises ConfigError naming every mistake with file, line and reason."""
    problems: list[ConfigProblem] = []
    notices = _try(problems, lambda: _notices(load_yaml(folder / "notices.yaml")))
    directory = _try(problems, lambda: _directory(load_yaml(folder / "directory.yaml")))
    catalogues = _try(problems, lambda: _catalogues(folder / TEMPLATES))
    if problems or notices is None or directory is None or catalogues is None:
        raise ConfigError(problems)
    kinds = {
        kind: KindRule(tuple(rule.channels), timedelta(minutes=rule.useful_for_minutes), rule.resend)
        for kind, rule in notices.kinds.items()
    }
    limits = {channel.value: Limit(limit.per_hour, limit.per_day) for channel, limit in notices.limits.items()}
    return NotifyRules(
        NoticePolicy(kinds, limits, directory, catalogues),
        member_grace=timedelta(seconds=notices.member_grace_seconds),
        follow_up=FollowUpPolicy(
            doubt=_durations(notices.in_doubt_asked_after_seconds),
            receipt=_durations(notices.receipt_asked_after_seconds),
        ),
        verify_per_minute=notices.verify.per_minute,
        verify_per_day=notices.verify.per_day,
    )


def _notices(file: ConfigFile) -> _Notices:
    notices = file.parse_as(_Notices)
    problems = []
    if missing := [kind.value for kind in NoticeKind if kind not in notices.kinds]:
        problems.append(file.problem(("kinds",), f"no rule for {', '.join(missing)}"))
    for kind, rule in notices.kinds.items():
        for index, channel in enumerate(rule.channels):
            if channel not in SENDABLE:
                problems.append(
                    file.problem(("kinds", kind.value, "channels", index), f"no provider sends by {channel.value}")
                )
            if channel not in notices.limits:
                problems.append(file.problem(("limits",), f"no limit for {channel.value}"))
    for name in ("in_doubt_asked_after_seconds", "receipt_asked_after_seconds"):
        waits = getattr(notices, name)
        if sorted(set(waits)) != waits:
            problems.append(file.problem((name,), "must ascend"))
    if problems:
        raise ConfigError(problems)
    return notices


def _directory(file: ConfigFile) -> Directory:
    entries = file.parse_as(_Directory).entries
    problems = []
    ids: set[str] = set()
    values: set[tuple[str, str]] = set()
    for index, entry in enumerate(entries):
        if entry.id in ids:
            problems.append(file.problem(("entries", index, "id"), f"{entry.id} is there twice"))
        if (entry.kind, entry.value) in values:
            problems.append(file.problem(("entries", index, "value"), f"{entry.value} is there twice"))
        # members read the label without a slot around it; that of a messenger's account names the messenger
        own = {"messenger"} if entry.kind is EntryKind.IM else set()
        for locale, label in entry.display.items():
            if found := {one.kind for one in scan(label)} - own:
                what = f"names a contact or address itself ({', '.join(sorted(found))})"
                problems.append(file.problem(("entries", index, "display", locale), what))
        ids.add(entry.id)
        values.add((entry.kind, entry.value))
    if not any(entry.is_hotline and not entry.problem_types and entry.valid_until is None for entry in entries):
        problems.append(file.problem(("entries",), "needs a public 400 or 95 number for every problem type, for SMS"))
    if problems:
        raise ConfigError(problems)
    return Directory(entries)


def _catalogues(folder: Path) -> TextCatalogues:
    paths = sorted(folder.glob("*.yaml"))
    problems: list[ConfigProblem] = []
    found: dict[str, TextCatalogue] = {}
    for path in paths:
        catalogue = _try(problems, lambda path=path: _catalogue(load_yaml(path)))  # type: ignore[misc]
        if catalogue is not None:
            found[catalogue.locale] = catalogue
    if not problems and DEFAULT_LOCALE not in found:
        problems.append(ConfigProblem(folder / f"{DEFAULT_LOCALE}.yaml", 0, "the file does not exist"))
    if problems:
        raise ConfigError(problems)
    return TextCatalogues(found)


def _catalogue(file: ConfigFile) -> TextCatalogue:
    catalogue = file.parse_as(TextCatalogue)
    if catalogue.locale != file.file.stem:
        raise ConfigError([file.problem(("locale",), f"is not the file's name, {file.file.stem}")])
    return catalogue


def _try(problems: list[ConfigProblem], read: Callable[[], T]) -> T | None:
    try:
        return read()
    except ConfigError as error:
        problems.extend(error.problems)
        return None


def _durations(seconds: list[float]) -> tuple[timedelta, ...]:
    return tuple(timedelta(seconds=one) for one in seconds)
