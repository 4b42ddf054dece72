import io
import json
import shlex
import socket
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from deploy.local.errors import StackError
from deploy.local.jars import read_lock
from deploy.local.layout import LONGEST_SOCKET_PATH, Layout
from deploy.local.ports import CHOICE, HOST, Ports
from deploy.local.program import Program, write_configuration
from deploy.local.progress import Progress
from deploy.local.secret_keys import SERVICE_SECRETS, service_secrets
from deploy.local.services import parse_scale, scaled_services
from deploy.local.shell_file import read_shell_file, write_shell_file
from deploy.local.status import ProcessStatus, print_status

AWKWARD = 'it\'s "a" $HOME `x` %(here)s ; # 卡密\nsecond line'


def test_shell_file_round_trip(tmp_path: Path) -> None:
    """Whatever a value holds, the file gives it back, and only its owner may read it."""
    file = tmp_path / "env"
    write_shell_file(file, {"PLAIN": "127.0.0.1:9092", "AWKWARD": AWKWARD}, title="a title")
    assert read_shell_file(file) == {"PLAIN": "127.0.0.1:9092", "AWKWARD": AWKWARD}
    assert file.stat().st_mode & 0o777 == 0o600


def test_secrets_are_made_once(tmp_path: Path) -> None:
    """Secrets stay the same from one start to the next, and one set in the environment wins."""
    layout = Layout(tmp_path)
    first = service_secrets(layout, {})
    assert first.keys() == SERVICE_SECRETS.keys()
    assert service_secrets(layout, {}) == first
    assert service_secrets(layout, {"KEFU_DATA_KEY": "mine"}) == {**first, "KEFU_DATA_KEY": "mine"}


def test_ports_are_remembered(tmp_path: Path) -> None:
    """A process finds its port again after a restart, outside the range of outgoing connections."""
    file = tmp_path / "ports.json"
    first = Ports(file).choose(["kafka-1", "intake-1"])
    assert len(set(first.values())) == 2
    assert all(port in CHOICE for port in first.values())
    assert Ports(file).choose(["intake-1", "kafka-1"]) == first
    assert json.loads(file.read_text()) == first


@pytest.mark.enable_socket
def test_port_of_a_stranger_is_given_up(tmp_path: Path) -> None:
    """A port that somebody else listens on is replaced, unless that somebody is our own process."""
    file = tmp_path / "ports.json"
    port = Ports(file).choose(["intake-1"])["intake-1"]
    with socket.socket() as stranger:
        stranger.bind((HOST, port))
        stranger.listen()
        assert Ports(file).choose(["intake-1"], in_use_by_us=["intake-1"]) == {"intake-1": port}
        assert Ports(file).choose(["intake-1"])["intake-1"] != port


@pytest.mark.parametrize(
    ("scale", "counts"),
    [("", {}), ("routing=2 sla=3", {"routing": 2, "sla": 3}), (" notify=0,\tintake=4 ", {"notify": 0, "intake": 4})],
)
def test_scale_is_read(scale: str, counts: dict[str, int]) -> None:
    """A scale names services and numbers, apart by spaces or commas."""
    assert parse_scale(scale) == counts


@pytest.mark.parametrize("scale", ["ruoting=2", "routing", "routing=two", "routing=-1", "routing=65", "kafka=3"])
def test_wrong_scale_is_refused(scale: str) -> None:
    """A slip in the scale is refused with an example, never ignored."""
    with pytest.raises(StackError, match='for example SCALE="routing=2 sla=3"'):
        parse_scale(scale)


def test_scaled_services_are_numbered() -> None:
    """Each process is `<service>-<n>`; what the scale does not name runs once, and so does the carrier."""
    names = [name for service in scaled_services("routing=2 sla=0") for name in service.instances()]
    assert names == ["intake-1", "routing-1", "routing-2", "notify-1", "carrier-1"]


def test_lock_names_no_address() -> None:
    """The broker's jars are pinned by coordinates and SHA-256; where they come from is not written down."""
    jars = read_lock()
    assert {jar.artifact for jar in jars} >= {"kafka_2.13", "kafka-server", "kafka-clients", "log4j-slf4j-impl"}
    assert all(len(bytes.fromhex(jar.sha256)) == 32 for jar in jars)
    assert len({jar.path for jar in jars}) == len(jars)


def test_socket_path_is_short_enough(tmp_path: Path) -> None:
    """A checkout in a deep folder gets a socket in a short one, and two checkouts never the same."""
    deep = tmp_path / ("x" * 120)
    sockets = {Layout(folder).supervisor_socket for folder in (deep, deep / "other")}
    assert len(sockets) == 2
    assert all(len(str(path)) <= LONGEST_SOCKET_PATH for path in sockets)
    assert Layout(Path("/a")).supervisor_socket == Path("/a/run/supervisor.sock")


def test_start_script_quotes_everything(tmp_path: Path) -> None:
    """Settings reach a process as they are, and a changed one changes what supervisor compares."""
    layout = Layout(tmp_path)
    layout.create()
    commands = []
    for value in (AWKWARD, "other"):
        program = Program("intake-1", ("python", "-m", "it's"), tmp_path, environment={"KEFU_TITLE": value})
        write_configuration(layout, [program])
        script = (layout.run / "intake-1.sh").read_text()
        assert f"KEFU_TITLE={value}" in shlex.split(script)
        configuration = layout.supervisor_configuration.read_text()
        commands.append(next(line for line in configuration.splitlines() if line.startswith("command=")))
        assert value not in configuration
    assert commands[0] != commands[1]


@pytest.mark.parametrize("width", [40, 60, 80])
def test_what_is_under_way_takes_one_line(width: int) -> None:
    """However long the names that are waited for: a status of two lines would take finished lines away with it."""
    progress = Progress(Console(file=io.StringIO(), force_terminal=True, width=width))
    with progress.step("Apache Kafka answers") as step:
        step.detail("waiting for " + ", ".join(f"service-{number}" for number in range(20)))
        assert progress.status is not None
        assert 0 < cell_len(str(progress.status.status)) <= width - 2


@pytest.mark.parametrize("width", [50, 60, 80, 200])
def test_status_shows_every_value_whole(width: int) -> None:
    """On any terminal addresses are in one piece and no line is wider; a file gets every column."""
    found = [ProcessStatus("routing-12", "running", 4194304, 360_000.0, "http://127.0.0.1:15346", True)]
    out = io.StringIO()
    print_status(Console(file=out, force_terminal=True, color_system=None, width=width), found)
    lines = out.getvalue().splitlines()
    assert max(map(cell_len, map(str.rstrip, lines))) <= width
    assert "http://127.0.0.1:15346" in lines[1]
    piped = io.StringIO()
    print_status(Console(file=piped, width=width), found)
    assert "4194304" in piped.getvalue()
