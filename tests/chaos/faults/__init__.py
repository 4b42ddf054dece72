"""Every kind of fault."""

from typing import Final

from tests.chaos.fault import Fault
from tests.chaos.faults.broker import BrokerFrozen, BrokerKilled, ProducerFenced, TooFewReplicas, TooLarge
from tests.chaos.faults.database import ConnectionsCut, DatabaseKilled, DiskFull, TooManyConnections
from tests.chaos.faults.membership import ForeignMember, ThirdReplica, TooSlow
from tests.chaos.faults.outside import CarrierKilled, Garbage
from tests.chaos.faults.processes import DieAtStep, Kill, Pause, RollingRestart, Terminate, Zombie

ALL: Final[tuple[type[Fault], ...]] = (
    *(Kill, DieAtStep, Terminate, RollingRestart, Zombie, Pause),
    *(ThirdReplica, ForeignMember, TooSlow),
    *(BrokerKilled, BrokerFrozen, TooFewReplicas, TooLarge, ProducerFenced),
    *(DatabaseKilled, ConnectionsCut, TooManyConnections, DiskFull),
    *(Garbage, CarrierKilled),
)
BY_NAME: Final = {fault.name: fault for fault in ALL}
