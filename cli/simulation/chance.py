"""Chance that is the same for the same seed."""

from collections.abc import Mapping
from random import Random
from typing import TypeVar

T = TypeVar("T")


def chance(*name: object) -> Random:
    """A source of its own for everything that has a name, so that one more throw here changes nothing there."""
    return Random("/".join(map(str, name)))  # noqa: S311 - nothing secret comes of it


def pick(random: Random, weights: Mapping[T, int]) -> T:
    """One of the keys, each as often as its weight says."""
    return random.choices(list(weights), list(weights.values()))[0]
