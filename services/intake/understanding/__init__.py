"""What a contact says: a pure function from text to type, facts, time line, signals and a masked summary."""

from services.intake.understanding.problem_types import ProblemTypes, load_problem_types
from services.intake.understanding.understand import Understanding, understand

__all__ = ["ProblemTypes", "Understanding", "load_problem_types", "understand"]
