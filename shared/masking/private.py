"""Where in a text the private stretches are: pure, bounded, linear in its length."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from shared.masking.labelled import accounts, secrets
from shared.masking.needed import WALL, Span, likely_needed, named_orders, surely_needed, walled
from shared.masking.numbers import mobiles, numbers
from shared.masking.skeleton import skeleton
from shared.masking.tokens import emails, tokens
from shared.masking.unseen import VisibleText, has_unseen

Kind = Literal["mobile", "email", "account", "number", "secret"]


@dataclass(frozen=True, slots=True)
class Private:
    """A private stretch ``[start, end)``. The kind says how much of it may stay: of mobiles and e-mails a little."""

    kind: Kind
    start: int
    end: int


def find_private(text: str, *, kept: Iterable[Span] = (), strict: bool = False) -> list[Private]:
    """The private stretches of ``text``, in order, none over another.

    ``kept`` is known to be needed, such as order numbers that were recognised. ``strict`` is for texts of members, in
    which everything needed is known: every long number and whatever looks like a key is private then. Without it a
    number written plainly stays unless its shape says whose it is: logs and dead letters are full of offsets and ids.
    """
    if has_unseen(text):
        seen = VisibleText(text)
        inside = _find(seen.text, [seen.inside(span) for span in kept], strict=strict)
        return [Private(one.kind, *seen.outside(one.start, one.end)) for one in inside]
    return _find(text, kept, strict=strict)


def _find(text: str, kept: Iterable[Span], *, strict: bool) -> list[Private]:
    folded = walled(skeleton(text), kept)
    found: list[Private] = []

    def take(kind: Kind, spans: Iterator[Span]) -> None:
        nonlocal folded
        taken = [(start, end) for start, end in spans if folded[start:end].strip(WALL)]
        found.extend(Private(kind, start, end) for start, end in taken)
        folded = walled(folded, taken)

    folded = walled(folded, named_orders(folded))
    take("secret", secrets(folded))
    take("account", accounts(folded))
    take("email", emails(folded))
    folded = walled(folded, surely_needed(folded, hosts=not strict))
    likely = list(likely_needed(folded))
    take("mobile", mobiles(folded, likely))
    folded = walled(folded, likely)
    take("secret", tokens(text, folded, all_keys=strict))
    take("number", numbers(text, folded, all_runs=strict))
    return _apart(found)


def _apart(found: list[Private]) -> list[Private]:
    """Sorted, with what overlaps made one stretch of the first kind."""
    apart: list[Private] = []
    for one in sorted(found, key=lambda stretch: (stretch.start, -stretch.end)):
        if apart and one.start < apart[-1].end:
            last = apart[-1]
            kind: Kind = last.kind if last.end >= one.end else "secret"
            apart[-1] = Private(kind, last.start, max(last.end, one.end))
        else:
            apart.append(one)
    return apart
