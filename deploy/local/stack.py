"""One local stack: Kafka, PostgreSQL and services below one folder, started and stopped as a whole."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from deploy.local.errors import StackError
from deploy.local.kafka import CONTROLLER, Kafka
from deploy.local.kafka import NAME as KAFKA
from deploy.local.layout import CHECKOUT, Layout
from deploy.local.machine import for_their_database, of_the_machine
from deploy.local.orphans import processes_of, stop_orphans
from deploy.local.ports import HOST, Ports
from deploy.local.postgres import NAME as POSTGRES
from deploy.local.postgres import Postgres
from deploy.local.program import Program, write_configuration
from deploy.local.progress import Progress
from deploy.local.run_logged import run_logged
from deploy.local.secret_keys import CHANNEL_SECRET, role_passwords, service_secrets
from deploy.local.services import PREPARATION, Service, scaled_services
from deploy.local.shell_file import write_shell_file
from deploy.local.supervision import Supervision
from deploy.local.waiting import SERVER_SECONDS, SERVICE_SECONDS, readiness, wait_for
from shared.contracts.registry import BY_MODEL
from shared.contracts.services import PUBLIC
from shared.contracts.services import SERVICES as WITH_SCHEMA
from shared.contracts.tickets import TicketMerged

# A caller's own settings are handed on to the services; these are the stack's to say.
OWN_SETTINGS: Final = ("KEFU_LOCAL_DIR", "KEFU_STACK", "KEFU_HTTP_PORT", "KEFU_INSTANCE")
OWNER: Final = "owner-1"


class Stack:
    """Everything of one folder. Without services it is the two servers alone, which is what tests ask for.

    A server named by `KAFKA_BOOTSTRAP_SERVERS` or `DATABASE_URL` in `environment` is used and none started.
    As a context manager it is up inside and down after. With `tied_to`, a process id, the stack also ends by itself
    within seconds of that process, however it ended. `commands` are run for single processes (`intake-2`) in place of
    their service's own. Methods block, and raise `StackError` with what to do next.
    """

    def __init__(
        self,
        root: Path,
        *,
        services: Sequence[Service] = (),
        preparation: Mapping[str, tuple[str, ...]] | None = None,
        commands: Mapping[str, tuple[str, ...]] | None = None,
        environment: Mapping[str, str] = os.environ,
        progress: Progress | None = None,
        tied_to: int | None = None,
    ) -> None:
        self.layout = Layout(root.absolute())
        self._commands = commands or {}
        self._services = tuple(services)
        self._preparation = preparation or {}
        self._caller = dict(environment)
        self._progress = progress or Progress.silent()
        self._tied_to = tied_to
        self._supervision = Supervision(self.layout)
        self._ports: dict[str, int] = {}
        self._servers: list[Kafka | Postgres] = []
        self._addresses: dict[str, str] = {}

    @classmethod
    def of_checkout(cls, scale: str = "", progress: Progress | None = None) -> "Stack":
        """The stack `make up` starts: every service of this checkout, after migrations and topics."""
        return cls(
            Layout.of_checkout().root,
            services=scaled_services(scale),
            preparation=PREPARATION,
            progress=progress,
        )

    def __enter__(self) -> Self:
        try:
            self.up()
        except BaseException:
            self.down()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.down()

    def up(self) -> None:
        """Starts what is not running, stops what is no longer wanted, and returns when all of it answers."""
        with self._alone():
            self.layout.create()
            if not self._supervision.is_running() and (count := stop_orphans(self.layout)):
                self._progress.say(f"  {count} processes left over from a killed process manager were stopped")
            running = {name for name, info in self._supervision.processes().items() if info.pid}
            self._settle(running)
            servers = [server for server in self._servers if server.name not in running]
            for server in servers:
                server.prepare(self._progress)
            programs = self._service_programs()
            write_configuration(self.layout, [*(one.program() for one in self._servers), *programs, *self._tether()])
            self._supervision.apply()
            self._start_servers(servers if programs else self._servers)
            self._start_services(programs)
            write_shell_file(self.layout.env, self.contract(), title="Where the local stack is. Written by `make up`.")

    def down(self) -> None:
        """Stops everything, services first so that they drain, and makes sure that nothing survives. Keeps the data."""
        if not self.layout.root.exists():
            return
        with self._alone():
            if self._supervision.is_running():
                with self._progress.step("Everything stopped"):
                    known = self._supervision.processes()
                    self._supervision.stop([name for name in known if name not in (KAFKA, POSTGRES, OWNER)])
                    self._supervision.stop(list(known))
                    self._supervision.shut_down()
            stop_orphans(self.layout)
            self.layout.env.unlink(missing_ok=True)
            if (folder := self.layout.supervisor_socket.parent) != self.layout.run:
                shutil.rmtree(folder, ignore_errors=True)
            if survivors := [process.pid for process in processes_of(self.layout)]:
                raise StackError(f"Still running: {survivors}", hint="end them by hand: `kill -9 <pid>`")

    def clean(self) -> None:
        """`down`, and drops the folder with all data, logs and secrets."""
        self.down()
        with suppress(FileNotFoundError):
            shutil.rmtree(self.layout.root)

    def halt(self, service: str) -> None:
        """Stops every process of one service, which drains; the rest goes on. For tests that run it themselves."""
        self._supervision.stop(self._instances(service))

    def resume(self, service: str) -> None:
        """Starts them again, and returns when they are ready."""
        names = self._instances(service)
        self._supervision.start(names)
        programs = [program for program in self._service_programs() if program.name in names]
        with self._progress.step(f"{service} ready") as step:
            wait_for(self._supervision, self.layout, readiness(programs), step, seconds=SERVICE_SECONDS)

    def port(self, process: str) -> int:
        """Where a process of this stack listens. Known after `up`."""
        return self._ports[process]

    def send_signal(self, process: str, number: int) -> None:
        """Sends a signal to one process as it runs now; the process manager starts again whatever dies of it."""
        os.kill(int(self.layout.pid_file(process).read_text(encoding="utf-8")), number)

    def _instances(self, service: str) -> list[str]:
        return next(one.instances() for one in self._services if one.name == service)

    def environment(self) -> dict[str, str]:
        """What every service is given: addresses, secrets, and the caller's own `KEFU_` settings. Known after `up`."""
        own = {name: value for name, value in self._caller.items() if name.startswith("KEFU_") and value}
        if folder := own.get("KEFU_CONFIG_DIR"):
            own["KEFU_CONFIG_DIR"] = str(Path(folder).absolute())
        return {
            **self._addresses,
            **self._urls({"KEFU_CARRIER_URL": "carrier-1", "KEFU_NOTIFY_URL": "notify-1"}),
            **service_secrets(self.layout, self._caller),
            "KEFU_CARRIER_DIR": str(self.layout.root / "carrier"),
            # On a machine of one's own whoever tries things may act as anybody, and say what nobody of ours says yet.
            "KEFU_ACTION_TOKENS": "optional",
            "KEFU_UNTAGGED_EVENTS": BY_MODEL[TicketMerged].name,
            **{name: value for name, value in own.items() if name not in OWN_SETTINGS},
        }

    def contract(self) -> dict[str, str]:
        """What `.local/env` says: the public addresses, and the secrets the `kefu` command line needs."""
        secrets = service_secrets(self.layout, self._caller)
        urls = self._urls({f"{name.upper()}_URL": f"{name}-1" for name in PUBLIC})
        return {**self._addresses, **urls, "CHANNEL_SECRET": secrets[CHANNEL_SECRET], **secrets}

    def _settle(self, running: set[str]) -> None:
        """Decides who listens where: the servers given by the caller, else ours, and a port for every service."""
        ports = Ports(self.layout.ports)
        self._servers, self._addresses = [], {}
        wanted = [name for service in self._services for name in service.instances()]
        ours = {name: ports.known(name) for name in (KAFKA, POSTGRES)}
        brokers, database = self._caller.get("KAFKA_BOOTSTRAP_SERVERS"), self._caller.get("DATABASE_URL")
        # Whoever has read our own `.local/env` into the shell does not mean a server of somebody else's.
        if brokers == f"{HOST}:{ours[KAFKA]}":
            brokers = None
        if (port := ours[POSTGRES]) and database == Postgres(self.layout, port=port).address:
            database = None
        wanted += [] if brokers else [KAFKA, CONTROLLER]
        wanted += [] if database else [POSTGRES]
        in_use = running | ({CONTROLLER} if KAFKA in running else set())
        self._ports = ports.choose(wanted, in_use_by_us=in_use)
        if not database:
            postgres = Postgres(self.layout, port=self._ports[POSTGRES])
            self._servers.append(postgres)
            database = postgres.address
        if not brokers:
            kafka = Kafka(self.layout, port=self._ports[KAFKA], controller_port=self._ports[CONTROLLER])
            self._servers.append(kafka)
            brokers = kafka.address
        self._addresses = {"KAFKA_BOOTSTRAP_SERVERS": brokers, "DATABASE_URL": database}

    def _service_programs(self) -> list[Program]:
        environment = {**self._database_settings(), **self.environment()}
        return [
            Program(
                name=name,
                command=self._commands.get(name, service.command),
                directory=CHECKOUT,
                port=self._ports[name],
                address=self._url(name),
                serves_http=True,
                environment={
                    **environment,
                    **self._own_role(service.name),
                    "KEFU_HTTP_PORT": str(self._ports[name]),
                    "KEFU_INSTANCE": name,
                },
            )
            for service in self._services
            for name in service.instances()
        ]

    def _database_settings(self) -> dict[str, str]:
        """How the caller's shell reaches a database of the caller's; ours needs nothing of it."""
        return {} if self._our_postgres() else for_their_database(self._caller)

    def _own_role(self, service: str) -> dict[str, str]:
        """Each service enters our PostgreSQL as itself; on a server of somebody else's we make no roles."""
        if service in WITH_SCHEMA and (postgres := self._our_postgres()):
            return {"DATABASE_URL": postgres.address_of(service)}
        return {}

    def _our_postgres(self) -> Postgres | None:
        return next((server for server in self._servers if isinstance(server, Postgres)), None)

    def _tether(self) -> Iterator[Program]:
        if self._tied_to is not None:
            stop = f'kill -TERM "$(cat "{self.layout.supervisor_pid}")"'
            script = f"while kill -0 {self._tied_to} 2>/dev/null; do sleep 1; done; {stop}"
            yield Program(name=OWNER, command=("sh", "-c", script), directory=self.layout.root)

    def _start_servers(self, servers: Sequence[Kafka | Postgres]) -> None:
        self._supervision.start([server.name for server in self._servers])
        for server in servers:
            answers: dict[str, Callable[[], bool]] = {server.name: server.answers}
            with self._progress.step(f"{server.label} answers on {HOST}:{self._ports[server.name]}") as step:
                wait_for(self._supervision, self.layout, answers, step, seconds=SERVER_SECONDS)
        if self._tied_to is not None:
            self._supervision.start([OWNER])

    def _start_services(self, programs: Sequence[Program]) -> None:
        known = self._supervision.processes()
        idle = [program.name for program in programs if not known[program.name].pid]
        if idle:
            self._prepare_services()
            self._supervision.start(idle)
        if programs:
            with self._progress.step(f"{len(programs)} processes ready") as step:
                wait_for(self._supervision, self.layout, readiness(programs), step, seconds=SERVICE_SECONDS)

    def _prepare_services(self) -> None:
        passwords = role_passwords(self.layout) if self._our_postgres() else {}
        environment = {**of_the_machine(self._caller), **self._database_settings(), **self.environment(), **passwords}
        for name, command in self._preparation.items():
            log = self.layout.log_file(name)
            with self._progress.step(f"{name.capitalize()} done"):
                if not run_logged(command, log, folder=CHECKOUT, environment=environment):
                    raise StackError(f"{name} failed.", log=log, hint="mend what the log says, then `make up` again")

    def _urls(self, instances: Mapping[str, str]) -> dict[str, str]:
        return {key: self._url(name) for key, name in instances.items() if name in self._ports}

    def _url(self, name: str) -> str:
        return f"http://{HOST}:{self._ports[name]}"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Two commands on one stack take turns."""
        self.layout.root.mkdir(parents=True, exist_ok=True)
        with self.layout.lock.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
