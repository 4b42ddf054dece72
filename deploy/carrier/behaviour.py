"""How the carrier treats a message, by the end of its address."""

from enum import StrEnum
from typing import Final


class Behaviour(StrEnum):
    """What real providers do on good days and bad ones. Unless it says otherwise the message is delivered."""

    NORMAL = "normal"
    REJECT = "reject"  # 4xx, for certain
    UNDELIVERED = "undelivered"  # accepted; the receipt says it never arrived
    ACCEPT_THEN_HANG = "accept_then_hang"  # sent, but no answer
    REFUSE_THEN_HANG = "refuse_then_hang"  # not sent, and no answer
    FAIL = "fail"  # 5xx, not sent
    SEND_THEN_FAIL = "send_then_fail"  # 5xx, but sent
    RECEIPT_FIRST = "receipt_first"  # the receipt arrives before the answer
    RECEIPT_TWICE = "receipt_twice"
    RECEIPT_NEVER = "receipt_never"
    SLOW = "slow"  # the answer takes two seconds
    THROTTLE = "throttle"  # 429 the first time, then normal


BY_ENDING: Final = {
    "9900": Behaviour.NORMAL,
    "9901": Behaviour.REJECT,
    "9902": Behaviour.UNDELIVERED,
    "9903": Behaviour.ACCEPT_THEN_HANG,
    "9904": Behaviour.REFUSE_THEN_HANG,
    "9905": Behaviour.FAIL,
    "9906": Behaviour.RECEIPT_FIRST,
    "9907": Behaviour.RECEIPT_TWICE,
    "9908": Behaviour.RECEIPT_NEVER,
    "9909": Behaviour.SLOW,
    "9910": Behaviour.SEND_THEN_FAIL,
    "9911": Behaviour.THROTTLE,
}
"""The last four characters of a phone number or device token that bring about each behaviour."""

ALL_OTHERS: Final = "*"


class RuleError(ValueError):
    """KEFU_CARRIER_RULES names a behaviour there is not."""


class Rules:
    """Behaviour by ending; the longest ending that fits wins, ``*`` stands for all others."""

    def __init__(self, written: str = "") -> None:
        self._by_ending = dict(BY_ENDING)
        for rule in filter(None, (part.strip() for part in written.split(","))):
            ending, _, name = rule.partition("=")
            try:
                self._by_ending[ending.strip()] = Behaviour(name.strip())
            except ValueError:
                raise RuleError(f"{rule!r}: there is {', '.join(Behaviour)}; write <ending>=<behaviour>") from None

    def of(self, address: str) -> Behaviour:
        """How a message to this address is treated."""
        fitting = [ending for ending in self._by_ending if ending != ALL_OTHERS and address.endswith(ending)]
        if fitting:
            return self._by_ending[max(fitting, key=len)]
        return self._by_ending.get(ALL_OTHERS, Behaviour.NORMAL)
