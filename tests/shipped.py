"""The rule files as they are shipped, wherever the tests are started from."""

from functools import cache
from typing import Final

from deploy.local.layout import CHECKOUT
from services.intake.rules.problem_types import load_problem_types
from services.intake.understanding.problem_types import ProblemTypes

CONFIG: Final = CHECKOUT / "config"


@cache
def problem_types() -> ProblemTypes:
    """The shipped problem types, compiled once."""
    return load_problem_types(CONFIG)
