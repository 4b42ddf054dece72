"""Which actions are new: a repeat changes nothing, and one id used for two things is refused."""

from collections.abc import Sequence
from typing import Final

from services.routing.domain.decision import Refused
from services.routing.store.actions import (
    ActionOutcome,
    claim_again,
    claim_fresh,
    contents_of,
    seen_without_source,
)
from services.routing.use_cases.command import Command, refuse
from shared.bus.unit_of_work import UnitOfWork
from shared.telemetry import metrics

ID_REUSED: Final = "id_reused"

_ANOTHER_ACTION: Final = (
    "was already used for another action; an action_id is used once by each ce_source, "
    "and all who leave ce_source out count as one"
)


async def without_repeats(work: UnitOfWork, commands: Sequence[Command]) -> list[Command]:
    """The first of each action; a refused one may be tried again by a replay from the dead letters.

    A repeat changes nothing. One id used for two different things is refused, since one of them would be lost.
    """
    if not commands:
        return []
    new = await _without_repeats_of_old(work, commands)
    # Reversed, so that of several with one key the first one stays.
    first = {command.key: command for command in reversed(new)}
    fingerprints = [command.fingerprint for command in first.values()]
    unclaimed = await claim_fresh(work.connection, fingerprints)
    content = {fingerprint.key: fingerprint.content for fingerprint in fingerprints} | await contents_of(
        work.connection, first.keys() - unclaimed
    )
    same = [command for command in new if command.fingerprint.content == content[command.key]]
    # Only an operator's replay asks for a second judgement; a sender's repeat has had its answer.
    unclaimed |= await claim_again(
        work.connection, {command.key for command in same if command.record.replay_for} - unclaimed
    )
    to_judge = []
    for command in same:
        if command.key in unclaimed:
            unclaimed.remove(command.key)
            to_judge.append(command)
    for command in new:
        if command.fingerprint.content != content[command.key]:
            refuse(work, command, Refused(ID_REUSED, f"{command.action.action_id[:100]!r} {_ANOTHER_ACTION}"))
    metrics.ACTIONS.labels("any", "repeated").inc(len(commands) - len(new) + len(same) - len(to_judge))
    return to_judge


async def _without_repeats_of_old(work: UnitOfWork, commands: Sequence[Command]) -> list[Command]:
    """Without those that a version handled which did not ask who sent them, and kept less to know them by."""
    outcomes = await seen_without_source(work.connection, [command.fingerprint for command in commands])
    return [
        command
        for command in commands
        if (outcome := outcomes.get(command.key)) is None
        or (command.record.replay_for and outcome == ActionOutcome.REFUSED)
    ]
