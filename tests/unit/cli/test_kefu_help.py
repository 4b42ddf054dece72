"""What a newcomer reads: help, advice, and where each of them is written."""

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from typer.main import get_command
from typer.testing import CliRunner

from cli import environment, output
from cli.errors import CommandError
from cli.main import VERBS, app

ROOT = Path(__file__).resolve().parents[3]
RUNNER = CliRunner(env={"COLUMNS": "80", "KEFU_LOCAL_DIR": "/nonexistent"})


def commands() -> list[tuple[str, ...]]:
    """The words of every command that does something, by the table of verbs."""
    group: Any = get_command(app)
    subs: dict[str, Any] = {verb: getattr(group.get_command(None, verb), "commands", None) for verb in VERBS}
    return [words for verb in VERBS for words in ([(verb, sub) for sub in subs[verb]] if subs[verb] else [(verb,)])]


def helped(*words: str) -> str:
    """The help text, as on a screen of 80 columns."""
    done = RUNNER.invoke(app, [*words, "--help"])
    assert done.exit_code == 0
    return done.stdout


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_has_help_with_an_example(words: tuple[str, ...]) -> None:
    """A newcomer sees what to type, on 80 columns, and no options of the library's own."""
    text = helped(*words)
    assert "Example" in text
    assert f"kefu {' '.join(words)}" in text.split("Example", 1)[1]
    assert "completion" not in text
    assert max(map(cell_len, text.splitlines())) <= 80 or "curl" in text


@pytest.mark.parametrize("words", [(), *((verb,) for verb in ("ticket", "dead-letters", "config"))])
def test_no_line_of_a_list_of_commands_is_cut(words: tuple[str, ...]) -> None:
    """What each command is for fits on its line."""
    assert "..." not in helped(*words).split("Commands:")[1]


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_what_json_writes_stands_in_the_help(words: tuple[str, ...]) -> None:
    """Whoever finds `--json` finds the names it writes on the same page."""
    text = helped(*words)
    assert ("--json " in text) == ("With --json: one JSON object a line, with" in text)


@pytest.mark.parametrize("servers", ["nonsense:abc", "http://host:9092", "host:1,,host:2", "a b:1"])
def test_an_address_that_is_none_is_told_before_anything_is_tried(
    monkeypatch: pytest.MonkeyPatch, servers: str
) -> None:
    """A slip in KAFKA_BOOTSTRAP_SERVERS is a sentence with the form it should have."""
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", servers)
    with pytest.raises(CommandError, match="KAFKA_BOOTSTRAP_SERVERS is ") as raised:
        environment.kafka_servers()
    assert "host:port" in raised.value.hint


@pytest.mark.parametrize("servers", ["127.0.0.1:9092", "a:1, b:2", "kafka", "[::1]:9092"])
def test_addresses_are_taken_as_they_are(monkeypatch: pytest.MonkeyPatch, servers: str) -> None:
    """Names, IPv4, IPv6, several with commas: all pass unchanged."""
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", servers)
    assert environment.kafka_servers() == servers


@pytest.mark.parametrize("content", [None, "X='unclosed\n"])
def test_an_env_file_nobody_can_read_is_a_sentence(tmp_path: Path, content: str | None) -> None:
    """A folder or rubbish in the place of `.local/env` is told with what to do, and no traceback."""
    file = tmp_path / "env"
    if content is None:
        file.mkdir()
    else:
        file.write_text(content)
    with pytest.raises(CommandError, match="cannot be read") as raised:
        environment.load_local_stack({"KEFU_LOCAL_DIR": str(tmp_path)})
    assert "make up" in raised.value.hint


@pytest.mark.parametrize("words", [("settings",), ("settings", "--json")])
def test_a_reader_who_has_had_enough_is_no_failure(words: tuple[str, ...]) -> None:
    """`kefu settings | head -1` ends with 0 and says nothing of the pipe."""
    with subprocess.Popen(
        [sys.executable, "-m", "cli.main", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        told = process.stderr.read()
        assert process.wait(30) == 0
    assert b"Traceback" not in told
    assert b"BrokenPipe" not in told


@pytest.mark.parametrize("encoding", ["ascii", "gbk", "utf-8"])
def test_any_encoding_of_a_terminal_will_do(encoding: str) -> None:
    """Where a character is not in the encoding its escape is written, and nothing fails."""
    own = {"PATH": os.environ["PATH"], "KEFU_LOCAL_DIR": "/nonexistent", "PYTHONIOENCODING": encoding}
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "settings"], capture_output=True, cwd=ROOT, env=own, timeout=60, check=False
    )
    assert done.returncode == 0
    assert "KAFKA_BOOTSTRAP_SERVERS" in done.stdout.decode(encoding)


def test_talk_goes_to_stderr_and_data_to_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    """A program that reads a table never finds a sentence in it."""
    output.say("to a person")
    output.print_lines("data")
    told = capsys.readouterr()
    assert (told.out, told.err) == ("data\n", "to a person\n")


def test_an_error_wraps_between_words_on_a_terminal_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a log an error is one line, however long, so that it can be searched."""
    errors = io.StringIO()
    monkeypatch.setattr(sys, "stderr", errors)
    output.say("a long sentence " * 20)
    assert errors.getvalue().count("\n") == 1


@pytest.mark.parametrize(("count", "told"), [(0, "0 tickets"), (1, "1 ticket"), (2000, "2,000 tickets")])
def test_one_is_not_many(count: int, told: str) -> None:
    """Counts read as a person would write them."""
    assert output.counted(count, "ticket") == told
