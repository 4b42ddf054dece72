"""The command as a whole: settings, rule files, tokens, errors."""

import base64
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli import environment
from cli.config.checking import LOADERS, check_folder
from cli.errors import CommandError
from cli.main import VERBS, main
from cli.output import visible
from cli.settings.catalogue import COMMON, Setting, all_settings, settings_modules
from shared.security.tokens import Role, Tokens
from shared.settings import ServiceSettings

ROOT = Path(__file__).resolve().parents[3]
KEY = base64.b64encode(secrets.token_bytes(32)).decode()


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


Kefu = Callable[..., Done]


@pytest.fixture
def kefu(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Kefu:
    """Runs the command in this process, with these variables and no others of ours."""

    def run(*words: str, **variables: str) -> Done:
        for name in [name for name in os.environ if name.startswith(("KEFU_", "KAFKA_", "DATABASE_"))]:
            monkeypatch.delenv(name)
        for name, value in {"KEFU_LOCAL_DIR": "/nonexistent", **variables}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(ROOT)
        monkeypatch.setattr(sys, "argv", ["kefu", *words])
        capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        told = capsys.readouterr()
        return Done(code, told.out, told.err)

    return run


def test_help_names_every_verb(kefu: Kefu) -> None:
    """`kefu --help` loads every verb of the table and says what it is for."""
    done = kefu("--help")
    assert done.returncode == 0
    assert all(verb in done.stdout for verb in VERBS)


def test_what_cannot_be_done_says_what_to_do(kefu: Kefu) -> None:
    """Without a stack and without settings: exit 1, nothing on stdout, advice on stderr."""
    done = kefu("ticket", "list", "--json")
    assert (done.returncode, done.stdout) == (1, "")
    assert "KAFKA_BOOTSTRAP_SERVERS is not set" in done.stderr
    assert "make up" in done.stderr


def test_a_server_that_is_not_there_is_a_sentence_and_no_traceback() -> None:
    """An address where nobody listens: exit 1 and advice."""
    own = {"PATH": os.environ["PATH"], "KEFU_LOCAL_DIR": "/nonexistent", "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"}
    command = [sys.executable, "-m", "cli.main", "topics"]
    done = subprocess.run(command, capture_output=True, cwd=ROOT, env=own, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "Kafka at 127.0.0.1:1 does not answer" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("ticket", "show"),
        ("token",),
        ("token", "--member", "M", "--agent", "A"),
        ("token", "--role", "king"),
        ("dead-letters", "replay"),
        ("dead-letters", "replay", "3/17", "--all"),
        ("ticket", "list", "--limit", "0"),
    ],
)
def test_a_wrong_question_is_exit_2(kefu: Kefu, words: tuple[str, ...]) -> None:
    """What was asked wrongly is told from what could not be done."""
    done = kefu(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr


@pytest.mark.parametrize(
    ("words", "subject", "role"),
    [
        (("--member", "M-1"), "M-1", Role.MEMBER),
        (("--agent", "A-1"), "A-1", Role.AGENT),
        (("--role", "auditor"), "auditor", Role.AUDITOR),
        (("--role", "supervisor", "--name", "S-1"), "S-1", Role.SUPERVISOR),
    ],
)
def test_a_token_speaks_for_whom_it_was_made(kefu: Kefu, words: tuple[str, ...], subject: str, role: Role) -> None:
    """stdout is the token and nothing else."""
    done = kefu("token", *words, KEFU_TOKEN_KEY=KEY)
    bearer = Tokens(KEY).verify(done.stdout.strip())
    assert (bearer.subject, bearer.role) == (subject, role)


def test_a_token_key_that_is_no_key_is_told(kefu: Kefu) -> None:
    """A key that is not base64 is a sentence with advice."""
    done = kefu("token", "--member", "M-1", KEFU_TOKEN_KEY="not base64!")
    assert done.returncode == 1
    assert "KEFU_TOKEN_KEY" in done.stderr
    assert "Traceback" not in done.stderr


def test_every_setting_is_described() -> None:
    """An operator learns of every setting what it does."""
    found = all_settings()
    assert {"KAFKA_BOOTSTRAP_SERVERS", "DATABASE_URL", "KEFU_CONFIG_DIR", "KEFU_BUS_FAULT"} <= {
        one.name for one in found
    }
    assert [setting.name for setting in found if not setting.description] == []


def test_settings_of_every_service_are_listed() -> None:
    """Each service that reads settings of its own is in the list; shared ones are there once."""
    found = all_settings()
    own = {
        name
        for name, module in settings_modules()
        for kind in vars(module).values()
        if isinstance(kind, type)
        and issubclass(kind, ServiceSettings)
        and kind.model_fields.keys() - ServiceSettings.model_fields.keys()
    }
    assert own <= {name for setting in found for name in setting.used_by.split(", ")}
    shared = [setting.name for setting in found if setting.used_by == COMMON]
    assert len(shared) == len(set(shared))


def test_secrets_are_never_shown(kefu: Kefu) -> None:
    """Of a secret only whether it is set is told, in the table and for programs."""
    setting = Setting("KEFU_X", "x", "a secret", None, secret=True)
    assert (setting.present({"KEFU_X": "s3cret"}), setting.present({})) == ("set", "unset")
    assert Setting("KEFU_Y", "x", "", "5", secret=False).present({}) == "5"
    for words in (("settings",), ("settings", "--json")):
        assert "s3cret" not in kefu(*words, DATABASE_URL="postgresql://u:s3cret@h/d").stdout


def test_settings_for_programs_are_json_lines(kefu: Kefu) -> None:
    """Each line is one setting with its present value."""
    lines = [json.loads(line) for line in kefu("settings", "--json", KEFU_LOG_LEVEL="DEBUG").stdout.splitlines()]
    level = next(line for line in lines if line["name"] == "KEFU_LOG_LEVEL")
    assert (level["value"], level["default"], level["secret"]) == ("DEBUG", "INFO", False)


def test_the_shipped_rule_files_are_fine() -> None:
    """`kefu config check` has nothing to say against what we ship, and every file of it is read by somebody."""
    files, problems = check_folder(ROOT / "config")
    assert problems == []
    assert len(files) == len([*(ROOT / "config").rglob("*.yaml")])


def test_every_mistake_of_a_folder_is_told_at_once(tmp_path: Path) -> None:
    """Missing files, unreadable ones and ones nobody reads: all are told, with their file."""
    (tmp_path / "calendars.yaml").write_text("calendars:\n  office:\n    timezone: Mars/Olympus\n")
    (tmp_path / "promisses.yaml").write_text("{}\n")

    files, problems = check_folder(tmp_path)

    told = {(problem.file.name, problem.line > 0) for problem in problems}
    assert ("calendars.yaml", True) in told
    assert ("promisses.yaml", False) in told
    assert ("promises.yaml", False) in told
    assert ("understanding.yaml", False) in told
    assert [file.name for file in files] == ["calendars.yaml"]


def test_config_check_exits_1_with_file_line_and_reason(kefu: Kefu, tmp_path: Path) -> None:
    """A folder with mistakes is exit 1; each mistake is a line `file:line: reason` on stdout."""
    (tmp_path / "understanding.yaml").write_text("signals: []\nsignals: []\n")
    done = kefu("config", "check", str(tmp_path))
    assert done.returncode == 1
    assert f"{tmp_path}/understanding.yaml:2: the key 'signals' is given twice" in done.stdout
    assert kefu("config", "check", str(tmp_path / "nowhere")).returncode == 1


def test_every_loader_reads_something_we_ship() -> None:
    """No loader's patterns have gone stale."""
    for rules in LOADERS:
        for pattern in rules.patterns:
            assert list((ROOT / "config").glob(pattern)), f"{rules.name}: {pattern}"


def test_the_environment_wins_over_the_local_stack(tmp_path: Path) -> None:
    """`.local/env` fills in what is not set, and nothing else."""
    (tmp_path / "env").write_text("# a comment\nKAFKA_BOOTSTRAP_SERVERS=local:1\nDATABASE_URL='with space'\nX=\n")
    variables = {"KEFU_LOCAL_DIR": str(tmp_path), "KAFKA_BOOTSTRAP_SERVERS": "mine:1", "DATABASE_URL": ""}

    filled = environment.load_local_stack(variables)

    assert variables["KAFKA_BOOTSTRAP_SERVERS"] == "mine:1"
    assert variables["DATABASE_URL"] == "with space"
    assert filled == {"DATABASE_URL", "X"}


def test_a_needed_variable_that_is_missing_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the variable and how to come by it."""
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
    with pytest.raises(CommandError, match="KAFKA_BOOTSTRAP_SERVERS") as raised:
        environment.kafka_servers()
    assert "make up" in raised.value.hint


def test_text_of_strangers_cannot_command_a_terminal() -> None:
    """Control characters, bidirectional overrides and lone surrogates are shown as escapes; emoji stay whole."""
    assert visible("a\x1b[31m\x9b\u202e\ud800") == "a\\x1b[31m\\x9b\\u202e\\ud800"
    assert visible("卡密 👩‍👩‍👧 é") == "卡密 👩‍👩‍👧 é"
