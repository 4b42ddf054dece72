"""Weighted patterns over the sentences of a text: one RE2 set, linear in the text whatever an operator writes."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import re2

from services.intake.understanding.extract.claimed_spans import TAKEN, ClaimedSpan

READ = 2_000
"""Characters of a text the rules look at; whoever needs more to say what is wrong has said it in these."""

_SENTENCES = re.compile(r"[^。!?;\n]{1,400}[。!?;]{0,4}")
_MOST_SENTENCES = 40
_ANY_SUM = str.maketrans("123456789", "000000000")
_MONEY = {"amount", "promotion"}
_WORD = re.compile(r"<([a-z][a-z0-9_]*)>")


class PatternError(ValueError):
    """A pattern of a rule file cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Rule:
    """``kind`` is type or signal, ``target`` the id it speaks for; ``unless`` names guards."""

    kind: str
    target: str
    id: str
    patterns: tuple[str, ...]
    weight: float
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that fired, and how many sentences it fired in."""

    rule: Rule
    sentences: int


class Matcher:
    """Compiled rules and guards. Raises ``PatternError`` for a pattern RE2 refuses (look-around, back-reference)."""

    def __init__(
        self,
        rules: Sequence[Rule],
        guards: Mapping[str, Sequence[str]],
        words: Mapping[str, str],
        idioms: Sequence[str] = (),
    ) -> None:
        self._idioms = re2.compile("|".join(f"(?:{idiom})" for idiom in idioms), options()) if idioms else None
        self._set = re2.Set.SearchSet(options())
        self._owners: list[tuple[Rule | None, str]] = []
        for name, patterns in guards.items():
            for pattern in patterns:
                self._add(pattern, words, None, name)
        for rule in rules:
            for pattern in rule.patterns:
                self._add(pattern, words, rule, "")
        self._set.Compile()

    def hits(self, folded: str) -> tuple[Hit, ...]:
        """The rules that fire, in the order they were written. A guard stops a rule in its own sentence only.

        An idiom counts as one word: 跳楼价 does not hold 跳楼.
        """
        folded = folded[:READ]
        if self._idioms and self._idioms.search(folded):
            folded = self._idioms.sub(TAKEN, folded)
        fired: dict[int, tuple[Rule, int]] = {}
        for sentence in _sentences(folded):
            matched = self._set.Match(sentence)
            if not matched:
                continue
            owners = [self._owners[index] for index in sorted(matched)]
            guards = {guard for rule, guard in owners if rule is None}
            for rule in {id(rule): rule for rule, _ in owners if rule is not None}.values():
                if guards.isdisjoint(rule.unless):
                    fired[id(rule)] = (rule, fired.get(id(rule), (rule, 0))[1] + 1)
        return tuple(Hit(rule, count) for rule, count in fired.values())

    @staticmethod
    def check(pattern: str, words: Mapping[str, str]) -> None:
        """Raises ``PatternError`` with the reason when the pattern cannot be used."""
        full = spelled_out(pattern, words)
        try:
            compiled = re2.compile(full, options())
        except re2.error as error:
            reason = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else str(error)
            raise PatternError(f"not a pattern RE2 accepts: {reason}") from None
        if compiled.search(""):
            raise PatternError("the pattern matches every text")

    def _add(self, pattern: str, words: Mapping[str, str], rule: Rule | None, guard: str) -> None:
        self.check(pattern, words)
        self._set.Add(spelled_out(pattern, words))
        self._owners.append((rule, guard))


def in_words(folded: str, claims: Sequence[ClaimedSpan]) -> str:
    """The text as rules read it: a number, key or account is one character of no meaning, a sum has no digits of its
    own. What a rule looks for is in the member's words, never inside an order number."""
    if not claims:
        return folded
    parts: list[str] = []
    at = 0
    for claim in sorted(claims, key=lambda claim: claim.start):
        inside = folded[claim.start : claim.end]
        if claim.start < at or not any(char.isdigit() for char in inside):
            continue
        parts += (folded[at : claim.start], inside.translate(_ANY_SUM) if claim.kind in _MONEY else TAKEN)
        at = claim.end
    return "".join((*parts, folded[at:]))


def _sentences(folded: str) -> Iterator[str]:
    for count, found in enumerate(_SENTENCES.finditer(folded)):
        if count == _MOST_SENTENCES:
            return
        yield found[0]


def spelled_out(pattern: str, words: Mapping[str, str]) -> str:
    """The pattern with its ``<name>`` put in. Raises ``PatternError`` for a name ``words`` does not have."""

    def word(found: re.Match[str]) -> str:
        if found[1] not in words:
            raise PatternError(f"no word <{found[1]}> in understanding.yaml")
        return f"(?:{words[found[1]]})"

    return _WORD.sub(word, pattern)


def options() -> "re2.Options":
    """As all patterns of the rule files are compiled: silent about what it refuses, bounded in memory."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 64 << 20
    return options
