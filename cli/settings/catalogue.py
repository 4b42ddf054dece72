"""Every setting of every service, from the classes that read them."""

import importlib
import importlib.util
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from types import ModuleType
from typing import Any, Final, get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

import deploy
import services
from shared.bus.topic_settings import TopicSettings
from shared.settings import ServiceSettings

COMMON: Final = "all services"
_OWN: Final = (("KEFU_LOCAL_DIR", ".local", "the folder of the local stack", "make up"),)
"""Settings of commands, which need no class to read them."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable. ``default`` is None when there is none, so that it must be set."""

    name: str
    used_by: str
    description: str
    default: str | None
    secret: bool

    def present(self, environment: Mapping[str, str]) -> str | None:
        """Its value now; of a secret only whether it is set. None when it is not set and has no default."""
        value = environment.get(self.name)
        if self.secret:
            return "set" if value else "unset"
        return value if value is not None else self.default


def all_settings() -> list[Setting]:
    """Every setting, by name; one that all services share is listed once."""
    readers: dict[Setting, set[str]] = {setting: {COMMON} for setting in settings_of(ServiceSettings)}
    for name, module in settings_modules():
        for setting in _of_module(module):
            names = readers.setdefault(setting, set())
            if COMMON not in names:
                names.add(name)
    for setting in settings_of(TopicSettings):
        readers.setdefault(setting, set()).add("python -m shared.bus.topics")
    found = [replace(setting, used_by=", ".join(sorted(names))) for setting, names in readers.items()]
    found += [Setting(name, who, description, default, False) for name, default, description, who in _OWN]
    return sorted(found, key=lambda setting: (setting.used_by != COMMON, setting.used_by, setting.name))


def settings_modules() -> Iterator[tuple[str, ModuleType]]:
    """Every `settings` module of a service, by the service's name."""
    for parent in (services, deploy):
        for package in pkgutil.iter_modules(parent.__path__):
            full = f"{parent.__name__}.{package.name}"
            if package.ispkg and importlib.util.find_spec(f"{full}.settings"):
                yield package.name, importlib.import_module(f"{full}.settings")


def settings_class(service: str) -> type[ServiceSettings]:
    """The settings that a service of this name is started with."""
    module = importlib.import_module(f"services.{service}.settings")
    found: type[ServiceSettings] = getattr(module, f"{service.capitalize()}Settings")
    return found


def _of_module(module: ModuleType) -> Iterator[Setting]:
    for candidate in vars(module).values():
        if (
            isinstance(candidate, type)
            and issubclass(candidate, BaseSettings)
            and candidate.__module__ == module.__name__
        ):
            yield from settings_of(candidate)


def settings_of(reader: type[BaseSettings]) -> Iterator[Setting]:
    """The settings one class reads, those of the classes inside it included."""
    prefix = str(reader.model_config.get("env_prefix", ""))
    for name, field in reader.model_fields.items():
        if inner := _inner(field):
            yield from settings_of(inner)
        else:
            alias = field.validation_alias
            yield Setting(
                name=alias if isinstance(alias, str) else f"{prefix}{name}".upper(),
                used_by="",
                description=field.description or "",
                default=_default(field),
                secret=_holds(field.annotation, SecretStr),
            )


def _inner(field: FieldInfo) -> type[BaseSettings] | None:
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseSettings) else None


def _holds(annotation: Any, wanted: type) -> bool:
    return annotation is wanted or any(_holds(part, wanted) for part in get_args(annotation))


def _default(field: FieldInfo) -> str | None:
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is PydanticUndefined:
        return None
    if value is None:
        return ""
    return "" if isinstance(value, SecretStr) else _written(value)


def _written(value: Any) -> str:
    """As it would be written into the environment."""
    if isinstance(value, timedelta):
        return f"{value.total_seconds():g}"
    if isinstance(value, str) or not isinstance(value, Iterable):
        return str(value)
    return ",".join(str(one) for one in value)
