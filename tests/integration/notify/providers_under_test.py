"""The providers whose adapters the contract of ``Sender`` is run over: a further one is a function more in ``ALL``."""

import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Final

import httpx

from deploy.carrier.app import build_carrier
from services.notify.gateways.sandbox import SandboxCarrier
from services.notify.gateways.sender import Message, Sender
from shared.contracts.vocabulary import NoticeChannel
from tests.integration.notify.conftest import CARRIER_SECRET, carrier_settings, serving

NOBODY: Final = "http://127.0.0.1:9"


class Case(Enum):
    """What may come of a message at a provider, and so at least: its address brings it about."""

    DELIVERED = auto()
    UNDELIVERED = auto()
    REJECTED = auto()
    THROTTLED_ONCE = auto()
    TAKEN_IN_SILENCE = auto()
    LOST_IN_SILENCE = auto()
    FAILED = auto()
    FAILED_YET_SENT = auto()


@dataclass(frozen=True)
class ProviderUnderTest:
    """A provider of one channel, its adapter, and the same adapter where nobody listens. ``message`` makes one of a
    case; ``handset`` is where the provider says how often one arrived."""

    sender: Sender
    unreachable: Sender
    message: Callable[[Case], Message]
    handset: str

    async def arrived(self, message: Message) -> int:
        """How often the message was sent on to its handset."""
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.get(self.handset, params={"out_id": str(message.out_id)})
        return int(answer.json()["count"])


_SANDBOX_ENDINGS: Final = {
    Case.DELIVERED: "9900",
    Case.UNDELIVERED: "9902",
    Case.REJECTED: "9901",
    Case.THROTTLED_ONCE: "9911",
    Case.TAKEN_IN_SILENCE: "9903",
    Case.LOST_IN_SILENCE: "9904",
    Case.FAILED: "9905",
    Case.FAILED_YET_SENT: "9910",
}


def _sms(case: Case) -> Message:
    return Message(uuid.uuid4(), NoticeChannel.SMS, f"+8613800{_SANDBOX_ENDINGS[case]:0>6}", "您好", signature="客服")


def _push(case: Case) -> Message:
    token = f"device-{_SANDBOX_ENDINGS[case]}"
    return Message(uuid.uuid4(), NoticeChannel.PUSH, token, "您好", title="客服", push_provider="jpush")


@asynccontextmanager
async def _sandbox(folder: Path, message: Callable[[Case], Message]) -> AsyncIterator[ProviderUnderTest]:
    # its receipts are another matter, and go nowhere
    async with serving(build_carrier(carrier_settings(folder, NOBODY))) as url:
        sender, unreachable = (SandboxCarrier(where, CARRIER_SECRET) for where in (url, NOBODY))
        try:
            yield ProviderUnderTest(sender, unreachable, message, f"{url}/v1/handset")
        finally:
            await sender.close()
            await unreachable.close()


def sandbox_sms(folder: Path) -> AbstractAsyncContextManager[ProviderUnderTest]:
    """The sandbox carrier's SMS."""
    return _sandbox(folder, _sms)


def sandbox_push(folder: Path) -> AbstractAsyncContextManager[ProviderUnderTest]:
    """The sandbox carrier's push."""
    return _sandbox(folder, _push)


ALL: Final = (sandbox_sms, sandbox_push)
