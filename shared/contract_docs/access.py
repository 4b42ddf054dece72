"""Who may do what on Kafka: the access lists that follow from who writes and who reads which topic."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shared.contracts import registry, topics
from shared.contracts.services import DEAD_LETTERS, GROUPS, LET_IN


class Operation(StrEnum):
    """What an access list allows, as Kafka names it. Read and Write include Describe."""

    READ = "Read"
    WRITE = "Write"
    DESCRIBE = "Describe"
    CREATE = "Create"
    DESCRIBE_CONFIGS = "DescribeConfigs"
    ALTER_CONFIGS = "AlterConfigs"


class Resource(StrEnum):
    """On what."""

    TOPIC = "topic"
    GROUP = "group"


@dataclass(frozen=True, slots=True, order=True)
class Access:
    """``principal`` may do ``operation`` on what is named; nobody may do what nothing grants."""

    principal: str
    resource: Resource
    name: str
    operation: Operation


CHANNEL: Final = "channel"
DESK: Final = "desk"
PLATFORM: Final = "platform"
OPERATOR: Final = "operator"
INTEGRATOR: Final = "integrator"

WHO: Final = {
    **{service: f"the service {service}" for service in GROUPS},
    CHANNEL: "a gateway that hands in contacts over Kafka, trusted for every channel; all others post to intake",
    DESK: "a desk or a CRM that asks for actions",
    PLATFORM: "the platform: members, orders, agents",
    INTEGRATOR: "whoever follows the lives of tickets and of notices, and no person's data",
    OPERATOR: "the command line and the job that keeps the topics: sees everything, sends dead letters again",
}
"""The principals, each for one trust. An outsider gets the one whose trust they have, never a service's."""


def _grants() -> Iterator[Access]:
    written = {(one.writer, one.topic) for one in registry.EVENT_TYPES}
    written |= {(service, topic) for service, let_in in LET_IN.items() for topic in let_in}
    for service, read in GROUPS.items():
        yield Access(service, Resource.GROUP, service, Operation.READ)
        yield Access(service, Resource.GROUP, topics.numbers_group(service), Operation.READ)
        for topic in read:
            yield Access(service, Resource.TOPIC, topic.name, Operation.READ)
            # read, too: for the wishes of operators that lie there
            for operation in (Operation.READ, Operation.WRITE):
                yield Access(service, Resource.TOPIC, topic.dead_letters(service), operation)
            if topic.compacted:  # how long it keeps a tombstone
                yield Access(service, Resource.TOPIC, topic.name, Operation.DESCRIBE_CONFIGS)
        for writer, topic in written:
            if writer == service:
                yield Access(service, Resource.TOPIC, topic.name, Operation.WRITE)
    yield Access(CHANNEL, Resource.TOPIC, topics.CONTACT.name, Operation.WRITE)
    yield Access(DESK, Resource.TOPIC, topics.ACTION.name, Operation.WRITE)
    for topic in topics.ALL:
        for outsider in (DESK, PLATFORM):
            if (outsider, topic) in written:
                yield Access(outsider, Resource.TOPIC, topic.name, Operation.WRITE)
    for topic in topics.OURS:
        yield Access(INTEGRATOR, Resource.TOPIC, topic.name, Operation.READ)
    heard = {topic.name for read in GROUPS.values() for topic in read}
    for name in (*(topic.name for topic in topics.ALL), *DEAD_LETTERS):
        for operation in (Operation.READ, Operation.CREATE, Operation.DESCRIBE_CONFIGS, Operation.ALTER_CONFIGS):
            yield Access(OPERATOR, Resource.TOPIC, name, operation)
        if name in heard or name in DEAD_LETTERS:
            yield Access(OPERATOR, Resource.TOPIC, name, Operation.WRITE)
    for group in GROUPS:
        yield Access(OPERATOR, Resource.GROUP, group, Operation.DESCRIBE)


GRANTS: Final = tuple(sorted(set(_grants())))


def commands() -> str:
    """The access lists as calls of Kafka's own tool, one for each principal, kind of resource and set of operations."""
    operations: defaultdict[tuple[str, Resource, str], list[Operation]] = defaultdict(list)
    for one in GRANTS:
        operations[one.principal, one.resource, one.name].append(one.operation)
    alike: defaultdict[tuple[str, Resource, tuple[Operation, ...]], list[str]] = defaultdict(list)
    for (principal, resource, name), allowed in operations.items():
        alike[principal, resource, tuple(allowed)].append(name)
    told = []
    for (principal, resource, together), names in sorted(alike.items()):
        options = [*(f"--operation {one}" for one in together), *(f"--{resource} {name}" for name in names)]
        told.append(f"acl --allow-principal User:{principal} " + " ".join(options))
    return "\n".join(told)


def table() -> str:
    """Who may read and write which topic, as a table in Markdown; the dead letters of a group under one name."""
    told = ["| principal | is | reads | writes |", "|---|---|---|---|"]
    for principal, meaning in WHO.items():
        reads, writes = (_names(principal, operation) for operation in (Operation.READ, Operation.WRITE))
        told.append(f"| `{principal}` | {meaning} | {reads} | {writes} |")
    return "\n".join(told)


def _names(principal: str, operation: Operation) -> str:
    granted = {
        one.name
        for one in GRANTS
        if one.principal == principal and one.resource is Resource.TOPIC and one.operation is operation
    }
    if granted >= {topic.name for topic in topics.ALL} | set(DEAD_LETTERS):
        return "everything"
    living = [f"`{topic.name}`" for topic in topics.ALL if topic.name in granted]
    groups = [
        "`*.dlq`" if len(of) > 1 else f"`*.{of[0]}.dlq`"
        for of in [[group for group, read in GROUPS.items() if {one.dead_letters(group) for one in read} & granted]]
        if of
    ]
    return ", ".join([*living, *groups]) or "–"


def filled_in(page: str) -> str:
    """The page with the table and the commands where its marks are."""
    for begin, end, told in (
        ("<!-- table -->\n", "<!-- end of table -->", table()),
        ("# the access lists\n", "# end of the access lists", commands()),
    ):
        before, _, rest = page.partition(begin)
        page = f"{before}{begin}{told}\n{end}{rest.partition(end)[2]}"
    return page
