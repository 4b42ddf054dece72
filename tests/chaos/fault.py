"""What every fault is made of, and what a step of a plan says about it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Protocol

from shared.contracts.services import SERVICES

if TYPE_CHECKING:
    from tests.chaos.house import House

REPLICAS: Final = 2


@dataclass(frozen=True, slots=True)
class Step:
    """One fault of a run. ``seconds``: how long what it does lasts; ``calm``: how long nothing happens before it.

    ``number`` counts from 1; ``service``, ``replica`` (1 or 2) and ``detail`` mean what the fault says they mean.
    """

    number: int
    kind: str
    service: str
    replica: int
    detail: str
    seconds: float
    calm: float

    @property
    def instance(self) -> str:
        """The process it is about: ``routing-2``."""
        return f"{self.service}-{self.replica}"

    def __str__(self) -> str:
        whom = self.instance if self.service in SERVICES else self.service
        lasting = f"{self.seconds:.1f} s" if self.seconds else ""
        return f"#{self.number} {self.kind}: {' '.join(filter(None, (whom, self.detail, lasting)))}"


class Fault(Protocol):
    """A kind of fault. A plan draws ``service``, ``seconds`` and ``detail`` from what a class offers.

    ``weight``: how many of it come for one of an ordinary kind; ``quick``: part of the quick form.
    """

    name: ClassVar[str]
    services: ClassVar[tuple[str, ...]] = SERVICES
    seconds: ClassVar[tuple[float, float]] = (0.0, 0.0)
    details: ClassVar[tuple[str, ...]] = ("",)
    weight: ClassVar[int] = 1
    quick: ClassVar[bool] = False

    async def strike(self, house: "House", step: Step) -> None:
        """Does it, and returns when it has stopped doing it; coming to oneself again is left to the system."""
