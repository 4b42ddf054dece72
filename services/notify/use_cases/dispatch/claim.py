"""Taking due notices: every decision about them, committed before anybody outside is called."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from services.notify.domain.follow_up import NO_ANSWER, is_to_be_sent_again
from services.notify.domain.intent import Intent
from services.notify.domain.member import Addresses, Member
from services.notify.domain.planning import NO_VERIFIED_ADDRESS, plan
from services.notify.domain.rendering import Rendered
from services.notify.domain.states import NoticeState
from services.notify.domain.submitting import NOTHING_SENT, check_submission
from services.notify.domain.templates import TextName
from services.notify.domain.ticket import Ticket
from services.notify.gateways.sender import Message
from services.notify.rules.rule_files import NotifyRules
from services.notify.store import intents as intent_store
from services.notify.store.members import lock_members, open_addresses
from services.notify.store.template_texts import known_texts
from services.notify.store.tickets import lock_tickets
from services.notify.use_cases.announce import announce
from shared.bus.unit_of_work import UnitOfWork
from shared.contracts.vocabulary import NoticeChannel
from shared.security.sealing import Sealer

ANSWER_MARGIN: Final = timedelta(seconds=10)
"""On top of a call's deadline, before the silence of the process that made it counts as its death. Far longer than a
commit takes, and still short enough that a notice with minutes to live is asked for in time."""

UNREADABLE_AGAIN: Final = timedelta(minutes=1)
"""How soon a notice is tried again whose member's addresses cannot be opened: only a person who hands over the key
mends that, and each try is an error in the log."""


@dataclass(frozen=True, slots=True)
class Job:
    """One call to a provider: hand ``message`` over, or, without one, ask about the notice. ``rendered`` says what the
    message was made from."""

    intent: Intent
    message: Message | None
    claimed_at: datetime
    rendered: Rendered | None = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """The calls to make, and whether there may be more notices due."""

    jobs: tuple[Job, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Claims:
    """How due notices are taken. ``providers``: channel -> name; ``call_seconds``: how long an answer may take."""

    rules: NotifyRules
    sealer: Sealer
    providers: Mapping[str, str]
    call_seconds: float

    async def take(self, work: UnitOfWork, limit: int) -> Claimed:
        """Decides about at most ``limit`` due notices nobody else holds. Their calls are made after the commit."""
        waiting = await intent_store.due(work.connection, limit)
        if not waiting:
            return Claimed((), more=False)
        # who holds a ticket is about to change what its notices say; they are still due in the next round
        tickets = await lock_tickets(work.connection, waiting.values(), skip_locked=True)
        member_ids = {ticket.member_id for ticket in tickets.values() if ticket.member_id}
        members = await lock_members(work.connection, member_ids)
        # between finding them and holding their tickets another replica may have claimed them
        intents = await intent_store.still_due(work.connection, waiting, tickets)
        sent = await intent_store.sent_lately(work.connection, member_ids, work.now)
        addresses = await open_addresses(work.connection, self.sealer, members)
        known = await known_texts(work.connection)
        jobs, changed = [], []
        for intent in intents:
            ticket = tickets[intent.ticket_id]
            member = members.get(ticket.member_id) if ticket.member_id else None
            reach = addresses.get(member.member_id) if member else Addresses()
            moved, job = self._decide(intent, ticket, member, reach, sent, known, work.now)
            changed.append(moved)
            if moved.state is not intent.state:
                announce(work, [moved])
            if job is not None:
                jobs.append(job)
        await intent_store.save(work.connection, changed)
        # when all of them are held by others, coming back at once would only spin
        return Claimed(tuple(jobs), more=bool(intents) and len(waiting) == limit)

    def _decide(
        self,
        intent: Intent,
        ticket: Ticket,
        member: Member | None,
        addresses: Addresses | None,
        sent: dict[tuple[str, str], tuple[int, int]],
        known: Mapping[TextName, bytes],
        now: datetime,
    ) -> tuple[Intent, Job | None]:
        rules = self.rules
        if intent.state is NoticeState.HELD:
            # a contact that came while it was held may have named the member for the first time
            whose = replace(intent, member_id=ticket.member_id)
            return plan(whose, ticket, member, rules.policy.kinds[intent.kind], grace=rules.member_grace, now=now), None
        if intent.state is NoticeState.SUBMITTING:
            # due means nobody wrote an answer down: whoever made the call died around it, before or after the provider
            return rules.follow_up.after_evidence(intent, NoticeState.IN_DOUBT, NO_ANSWER, now), None
        if intent.state is NoticeState.PLANNED or is_to_be_sent_again(intent):
            submission = check_submission(intent, ticket, member, rules.policy, sent=sent, known=known, now=now)
            if submission.rendered is None:
                return submission.intent, None
            if addresses is None:
                return replace(intent, due_at=now + UNREADABLE_AGAIN), None
            return self._submit(submission.intent, submission.rendered, addresses, sent, now)
        # also a look-up is claimed, so that two replicas do not ask at once
        asked = replace(intent, due_at=self._answer_by(now))
        return asked, Job(asked, None, now)

    def _submit(
        self,
        intent: Intent,
        rendered: Rendered,
        addresses: Addresses,
        sent: dict[tuple[str, str], tuple[int, int]],
        now: datetime,
    ) -> tuple[Intent, Job | None]:
        message = _message(intent, rendered, addresses)
        if message is None:
            return intent.ended(
                NoticeState.EXPIRED if intent.attempt else NoticeState.SUPPRESSED, NO_VERIFIED_ADDRESS
            ), None
        # whoever sent the first attempt is the only one to ask about it, and to send the second
        provider = intent.provider or self.providers[intent.channel]
        submitted = intent.submitted(provider=provider, at=now, answer_by=self._answer_by(now))
        key = (intent.member_id or "", intent.channel)
        # further notices of the same claim are not committed yet, and count against the limit all the same
        last_hour, last_day = sent.get(key, NOTHING_SENT)
        sent[key] = last_hour + 1, last_day + 1
        return submitted, Job(submitted, message, now, rendered)

    def _answer_by(self, now: datetime) -> datetime:
        return now + timedelta(seconds=self.call_seconds) + ANSWER_MARGIN


def _message(intent: Intent, rendered: Rendered, addresses: Addresses) -> Message | None:
    if intent.channel == NoticeChannel.SMS and addresses.phones:
        return Message(
            intent.notice_id, intent.channel, addresses.phones[0], rendered.text, signature=rendered.signature
        )
    if intent.channel == NoticeChannel.PUSH and addresses.push:
        device = addresses.push[0]
        return Message(
            intent.notice_id,
            intent.channel,
            device.token,
            rendered.text,
            title=rendered.title,
            push_provider=device.provider,
        )
    return None
