"""What notify builds on, whoever the provider is: the same suite over every adapter behind ``Sender``."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.notify.api.receipts import READERS
from services.notify.domain.states import NoticeState
from services.notify.gateways.sender import (
    Accepted,
    LookUpResult,
    Message,
    MessageStatus,
    NoSuchMessage,
    NotSent,
    Rejected,
    SendResult,
    Unknown,
)
from tests.integration.notify.providers_under_test import ALL, Case, ProviderUnderTest

DEADLINE = 0.5
AT_MOST = 10.0
"""Seconds for an answer within the deadline, on a machine that is busy."""

SECONDS = 40.0


@pytest.fixture(params=ALL, ids=lambda provider: provider.__name__)
async def provider(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ProviderUnderTest]:
    """Each of the providers in turn."""
    async with request.param(tmp_path) as made:
        yield made


async def _send(provider: ProviderUnderTest, message: Message, *, deadline: float = AT_MOST) -> SendResult:
    return await provider.sender.send(message, at=datetime.now(UTC), deadline=deadline)


async def _look_up(
    provider: ProviderUnderTest, message: Message, until: Callable[[LookUpResult], bool]
) -> LookUpResult:
    """What the provider says once it says what is waited for: its query API may lag behind."""
    async with asyncio.timeout(SECONDS):
        while True:
            answer = await provider.sender.look_up(message.out_id, at=datetime.now(UTC), deadline=AT_MOST)
            if until(answer):
                return answer
            await asyncio.sleep(0.05)


async def test_what_is_taken_is_accepted_and_found_by_its_out_id(provider: ProviderUnderTest) -> None:
    """A good message is accepted, arrives once, and a look-up finds it under the id it was given with."""
    message = provider.message(Case.DELIVERED)
    accepted = await _send(provider, message)
    assert isinstance(accepted, Accepted)
    status = await _look_up(
        provider, message, lambda one: isinstance(one, MessageStatus) and one.state is NoticeState.DELIVERED
    )
    assert isinstance(status, MessageStatus)
    assert status.message_id == accepted.message_id
    assert await provider.arrived(message) == 1


async def test_what_never_reaches_the_handset_is_undelivered(provider: ProviderUnderTest) -> None:
    """Accepting is not delivering: what the network loses is accepted first, and found undelivered later."""
    message = provider.message(Case.UNDELIVERED)
    assert isinstance(await _send(provider, message), Accepted)
    await _look_up(
        provider, message, lambda one: isinstance(one, MessageStatus) and one.state is NoticeState.UNDELIVERED
    )
    assert await provider.arrived(message) == 0


async def test_a_refusal_for_good_says_why(provider: ProviderUnderTest) -> None:
    """What is refused for certain is rejected with the provider's own code, and leaves nothing behind."""
    message = provider.message(Case.REJECTED)
    rejected = await _send(provider, message)
    assert isinstance(rejected, Rejected)
    assert rejected.code
    assert await provider.arrived(message) == 0


async def test_asking_to_slow_down_is_not_sent_and_may_be_tried_again(provider: ProviderUnderTest) -> None:
    """A provider that is too busy was handed nothing: the same message under the same id is taken later, once."""
    message = provider.message(Case.THROTTLED_ONCE)
    assert isinstance(await _send(provider, message), NotSent)
    assert isinstance(await _send(provider, message), Accepted)
    await _look_up(provider, message, lambda one: isinstance(one, MessageStatus) and one.state is NoticeState.DELIVERED)
    assert await provider.arrived(message) == 1


@pytest.mark.parametrize("case", [Case.TAKEN_IN_SILENCE, Case.LOST_IN_SILENCE])
async def test_silence_is_unknown_within_the_deadline(provider: ProviderUnderTest, case: Case) -> None:
    """Whether it was sent or not, a provider that does not answer in time is neither a yes nor a no."""
    begun = time.monotonic()
    answer = await _send(provider, provider.message(case), deadline=DEADLINE)
    assert isinstance(answer, Unknown)
    assert time.monotonic() - begun < AT_MOST


@pytest.mark.parametrize("case", [Case.FAILED, Case.FAILED_YET_SENT])
async def test_a_failure_of_theirs_is_unknown(provider: ProviderUnderTest, case: Case) -> None:
    """What broke on the provider's side may have been sent: it is no refusal, and no leave to send again."""
    assert isinstance(await _send(provider, provider.message(case)), Unknown)


@pytest.mark.parametrize("case", [Case.FAILED_YET_SENT, Case.TAKEN_IN_SILENCE])
async def test_an_adapter_never_tries_again_by_itself(provider: ProviderUnderTest, case: Case) -> None:
    """A message that was taken without a good answer was handed over once, and a look-up tells of it."""
    message = provider.message(case)
    await _send(provider, message, deadline=DEADLINE)
    await _look_up(provider, message, lambda one: isinstance(one, MessageStatus) and one.state is NoticeState.DELIVERED)
    assert await provider.arrived(message) == 1


async def test_nobody_there_is_not_sent(provider: ProviderUnderTest) -> None:
    """Without a connection nothing was handed over, for certain; a look-up then knows nothing, and does not raise."""
    message, now = provider.message(Case.DELIVERED), datetime.now(UTC)
    assert isinstance(await provider.unreachable.send(message, at=now, deadline=AT_MOST), NotSent)
    assert isinstance(await provider.unreachable.look_up(message.out_id, at=now, deadline=AT_MOST), Unknown)


async def test_what_was_never_handed_over_is_not_found(provider: ProviderUnderTest) -> None:
    """A look-up of an id nobody gave is told apart from one that could not be answered."""
    never = provider.message(Case.DELIVERED)
    assert await provider.sender.look_up(never.out_id, at=datetime.now(UTC), deadline=AT_MOST) == NoSuchMessage()


async def test_a_call_decided_on_long_ago_is_not_carried_out(provider: ProviderUnderTest) -> None:
    """What a process that was stopped for long hands over late arrives nowhere: others have taken it over by then."""
    message = provider.message(Case.DELIVERED)
    late = await provider.sender.send(message, at=datetime.now(UTC) - timedelta(minutes=2), deadline=AT_MOST)
    assert isinstance(late, Rejected | NotSent)
    assert await provider.arrived(message) == 0


async def test_its_receipts_can_be_read(provider: ProviderUnderTest) -> None:
    """The name stands in the path of its receipts, and there is a reader for them."""
    assert provider.sender.name in READERS
