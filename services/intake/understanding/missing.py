"""What still has to be asked, once: the facts a problem type requires and nobody has given."""

import re
from dataclasses import dataclass

from services.intake.understanding.problem_types import ProblemTypes

_ERROR_TEXT = re.compile(r"提示|显示|报错|弹出|弹窗|系统说|错误码|一直说|says|error|message|code 0x|0x[0-9a-f]{4}")


@dataclass(frozen=True, slots=True)
class Known:
    """Which facts are there, whoever gave them."""

    order_no: bool
    purchased_at: bool
    account: bool
    amount: bool
    folded: str


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
