"""What may be done with a ticket as it stands, as the contract has it."""

from shared.contracts.lifecycle import PERMITTED, REQUIRED


def possible_actions(state: str) -> list[tuple[str, str, str]]:
    """Action, the field it needs, and who may; in the order of the contract. None in a state the contract lacks."""
    return [
        (kind.value, REQUIRED.get(kind, ""), " or ".join(sorted(permission.who)))
        for kind, states in PERMITTED.items()
        for known, permission in states.items()
        if known == state
    ]
