"""`kefu understand -` and `kefu calendar -` as programs."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from cli.errors import CommandError
from cli.filters import lines

ROOT = Path(__file__).resolve().parents[3]
OFFICE = {"timezone": "Asia/Shanghai", "weekly": {"mon": [["09:00", "18:00"]]}}


def kefu(*words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Runs the command without any server or setting."""
    environment = {"PATH": "/usr/bin:/bin", "KEFU_LOCAL_DIR": "/nonexistent"}
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *words],
        input=given,
        capture_output=True,
        cwd=ROOT,
        env=environment,
        timeout=60,
        check=False,
    )


def test_understand_answers_line_by_line_in_order() -> None:
    """Good, broken, empty and non-UTF-8 lines each get their answer, in their order."""
    good = json.dumps({"id": "一", "text": "10月15日14点购买A游戏点卡,16点充值时提示卡密已过期"}, ensure_ascii=False)
    done = kefu("understand", "-", given=b"\n".join([good.encode(), b"{bad", b"", b'{"id":"\xff"}', good.encode()]))

    answers = [json.loads(line) for line in done.stdout.decode().splitlines()]

    assert done.returncode == 0
    assert done.stderr == b""
    assert [answer["id"] for answer in answers] == ["一", None, None, None, "一"]
    assert answers[0]["problem_type"] == answers[4]["problem_type"] == "cardkey_invalid"
    assert all("error" in answer for answer in answers[1:4])


def test_calendar_answers_and_reads_a_file(tmp_path: Path) -> None:
    """The same filter over a file; a line that cannot be used says why."""
    file = tmp_path / "questions.jsonl"
    question = {"id": 1, "calendar": OFFICE, "start": "2026-11-02T09:00:00+08:00", "target_seconds": 60}
    file.write_text(json.dumps(question) + "\n[]\n")

    done = kefu("calendar", str(file))

    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert first == {"id": 1, "due": "2026-11-02T01:01:00Z"}
    assert second["id"] is None
    assert done.returncode == 0


def test_an_answer_comes_before_the_next_question() -> None:
    """A filter answers each line at once, so that a program can talk with it."""
    with subprocess.Popen(
        [sys.executable, "-m", "cli.main", "calendar", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in range(3):
            process.stdin.write(json.dumps({"id": number}).encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == number
        process.stdin.close()
        assert process.wait(30) == 0


def test_a_reader_who_leaves_early_ends_it_quietly() -> None:
    """`kefu calendar - | head -1` says nothing on stderr."""
    with subprocess.Popen(
        [sys.executable, "-m", "cli.main", "calendar", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(b"{}\n")
        process.stdin.flush()
        process.stdout.readline()
        process.stdout.close()
        process.stdin.write(b"{}\n{}\n")
        process.stdin.close()
        assert process.wait(30) == 0
        assert process.stderr.read() == b""


def test_the_filters_load_nothing_of_the_servers() -> None:
    """A filter starts without Kafka, database and web libraries."""
    script = (
        "import sys; import cli.main, cli.filters.understand, cli.filters.calendar; "
        "print([name for name in ('aiokafka', 'asyncpg', 'fastapi', 'cramjam') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, cwd=ROOT, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("line", "error"),
    [(b"\xff\n", "the line is not UTF-8 at byte 0"), (b"\n", "the line is empty"), (b" \t\r\n", "the line is empty")],
)
def test_lines_nobody_can_read_are_answered_without_asking(line: bytes, error: str) -> None:
    """The filter behind is never bothered with bytes that are no text."""
    out = io.BytesIO()
    lines._copy(io.BytesIO(line), out, lambda _: pytest.fail("it was asked"))
    assert json.loads(out.getvalue()) == {"id": None, "error": error}


def test_a_lone_surrogate_comes_back_as_its_escape() -> None:
    """An answer that cannot be UTF-8 is still one line of JSON."""
    out = io.BytesIO()
    lines._copy(io.BytesIO(b"x\n"), out, lambda _: '{"id": "\ud800"}')
    assert out.getvalue() == b'{"id": "\\ud800"}\n'
    assert json.loads(out.getvalue())["id"] == "\ud800"


def test_a_bug_costs_one_line_and_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever a filter raises, the line gets an answer, the next one too, and stderr says which line it was."""
    out = io.BytesIO()

    def answer(line: str) -> str:
        return str({"good": 1}[line])

    lines._copy(io.BytesIO(b"bad\ngood\n"), out, answer)

    first, second = out.getvalue().splitlines()
    assert "KeyError" in json.loads(first)["error"]
    assert second == b"1"
    assert "line 1" in capsys.readouterr().err


def test_a_missing_file_is_an_error_with_advice() -> None:
    """A name that cannot be opened says so, and what to name instead."""
    with pytest.raises(CommandError, match=r"nowhere\.jsonl cannot be read") as raised:
        lines.filter_lines("nowhere.jsonl", lambda line: line)
    assert "standard input" in raised.value.hint
