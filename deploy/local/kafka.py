"""A real Apache Kafka broker: one node in KRaft mode on this machine."""

import asyncio
import base64
import logging
import secrets
import shutil
from pathlib import Path
from typing import Final

from deploy.local.errors import StackError
from deploy.local.jars import KAFKA_VERSION, locate_jars
from deploy.local.java import find_java
from deploy.local.layout import Layout
from deploy.local.machine import of_the_machine
from deploy.local.ports import HOST
from deploy.local.program import Program
from deploy.local.progress import Progress
from deploy.local.run_logged import run_logged

NAME: Final = "kafka-1"
CONTROLLER: Final = "kafka-1-controller"
LOGGING: Final = Path(__file__).with_name("log4j2.properties")
# The broker runs in its folder and names its files relative to it: a comma in an absolute path would be two folders.
DATA: Final = "data"
LARGEST_MESSAGE: Final = 8 * 1024 * 1024

SERVER_PROPERTIES: Final = """\
process.roles=broker,controller
node.id=1
listeners=BROKER://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=BROKER://{host}:{port}
listener.security.protocol.map=BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=BROKER
controller.listener.names=CONTROLLER
controller.quorum.bootstrap.servers={host}:{controller_port}
log.dirs={data}

auto.create.topics.enable=false
num.partitions=12
message.max.bytes={largest}
replica.fetch.max.bytes={largest}
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000

# One node: nothing can be kept twice.
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=12
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
# Nobody here needs a long transaction, and an open one holds up readers that wait for its end.
transaction.max.timeout.ms=60000
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1

# A broker that was killed may not come back before its old session has ended: 9 s by default.
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500

# Small, because it shares a laptop with everything else.
num.network.threads=2
num.io.threads=4
background.threads=4
log.cleaner.dedupe.buffer.size=16777216
"""


class Kafka:
    """The embedded broker of one stack."""

    name = NAME
    label = f"Apache Kafka {KAFKA_VERSION}"

    def __init__(self, layout: Layout, *, port: int, controller_port: int) -> None:
        self._layout = layout
        self._port = port
        self._controller_port = controller_port
        self._home = layout.kafka
        # A link, so that neither a new Java nor a new PATH changes the command a running broker was started with.
        self._java = self._home / "java"
        self._arguments = self._home / "broker.args"
        self._properties = self._home / "server.properties"
        self._data = self._home / DATA

    @property
    def address(self) -> str:
        """For KAFKA_BOOTSTRAP_SERVERS."""
        return f"{HOST}:{self._port}"

    def program(self) -> Program:
        """How the process manager runs it."""
        return Program(
            name=NAME,
            command=(str(self._java), f"@{self._arguments}"),
            directory=self._home,
            port=self._port,
            address=self.address,
            stop_seconds=40,
        )

    def prepare(self, progress: Progress) -> None:
        """Fetches what is missing and formats the storage the first time. The broker must not be running."""
        java, version = find_java()
        jars = locate_jars(self._layout.jars, progress)
        self._java.unlink(missing_ok=True)
        self._java.symlink_to(java)
        self._properties.write_text(
            SERVER_PROPERTIES.format(
                host=HOST,
                port=self._port,
                controller_port=self._controller_port,
                data=DATA,
                largest=LARGEST_MESSAGE,
            ),
            encoding="utf-8",
        )
        shutil.copyfile(LOGGING, self._home / LOGGING.name)
        options = self._java_options(jars, version)
        self._write_arguments(self._arguments, [*options, "kafka.Kafka", self._properties.name])
        if not (self._data / "meta.properties").exists():
            with progress.step("Kafka storage formatted"):
                self._format(options)

    def answers(self) -> bool:
        """Whether a client gets metadata with a live broker in it."""
        return asyncio.run(broker_answers(self.address))

    def _java_options(self, jars: list[Path], version: int) -> list[str]:
        options = ["-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError"]
        if version >= 24:
            options += ["--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"]
        return [
            *options,
            f"-XX:ErrorFile={self._layout.logs}/kafka-1-crash-%p.log",
            f"-Dlog4j2.configurationFile={LOGGING.name}",
            "-Djava.awt.headless=true",
            "-cp",
            ":".join(str(jar) for jar in jars),
        ]

    def _format(self, options: list[str]) -> None:
        cluster = base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")
        arguments = self._home / "format.args"
        tool = ["kafka.tools.StorageTool", "format", "--standalone", "--ignore-formatted", "--cluster-id=" + cluster]
        self._write_arguments(arguments, [*options, *tool, "--config", self._properties.name])
        log = self._layout.log_file("kafka-1-format")
        command = [str(self._java), f"@{arguments}"]
        if not run_logged(command, log, folder=self._home, environment=of_the_machine()):
            raise StackError("Kafka's storage could not be formatted.", log=log, hint="`make clean`, then again")

    @staticmethod
    def _write_arguments(path: Path, arguments: list[str]) -> None:
        """A file for `java @file`: one quoted argument a line, backslashes doubled."""
        quoted = ('"' + argument.replace("\\", "\\\\").replace('"', '\\"') + '"' for argument in arguments)
        path.write_text("\n".join(quoted) + "\n", encoding="utf-8")


async def broker_answers(bootstrap: str) -> bool:
    """Whether the brokers at this address answer a client's first question."""
    from aiokafka.client import AIOKafkaClient
    from aiokafka.errors import KafkaError

    from shared.bus.connection import connection

    # A server that is still starting is no news to anybody.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    client = AIOKafkaClient(**connection(bootstrap), request_timeout_ms=3000)
    try:
        await client.bootstrap()
        return bool(client.cluster.brokers())
    except (KafkaError, OSError):
        return False
    finally:
        await client.close()
