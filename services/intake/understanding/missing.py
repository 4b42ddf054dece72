"""What still has to be asked, once: the facts a problem type requires and nobody has given."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.intake.understanding.extract import Extracted
from services.intake.understanding.normalise import Normalised
from services.intake.understanding.problem_types import ProblemTypes
from shared.contracts.tickets import Moment

_ERROR_TEXT = re.compile(r"提示|显示|报错|弹出|弹窗|系统说|错误码|一直说|says|error|message|code 0x|0x[0-9a-f]{4}")


@dataclass(frozen=True, slots=True)
class Known:
    """Which facts are there, whoever gave them."""

    order_no: bool
    purchased_at: bool
    account: bool
    amount: bool
    folded: str


def known_facts(
    given: Normalised,
    facts: Extracted,
    *,
    order_nos: Sequence[str],
    timeline: Sequence[Moment],
    purchased_at: datetime | None,
    received_at: datetime,
) -> Known:
    """What one contact gives: in its text, its time line, and beside them. Any moment that has come may be that of the
    purchase."""
    return Known(
        order_no=bool(order_nos),
        purchased_at=purchased_at is not None or any(moment.at and moment.at <= received_at for moment in timeline),
        account=facts.names_account or bool(facts.phones),
        amount=bool(facts.amounts),
        folded=given.folded,
    )


def missing(problem_type: str, known: Known, rules: ProblemTypes) -> tuple[str, ...]:
    """The required facts nobody gave, in the order of the rule file. An order number tells when it was bought."""
    there = {
        "order_no": known.order_no,
        "purchased_at": known.purchased_at or known.order_no,
        "account": known.account,
        "amount": known.amount or known.order_no,
        "error_text": _ERROR_TEXT.search(known.folded) is not None,
    }
    return tuple(fact for fact in rules.types[problem_type].required if not there[fact])
