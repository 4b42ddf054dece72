"""The rules of the demo: the shipped ones, played faster, and still rules every service accepts."""

from datetime import timedelta
from pathlib import Path

import pytest

from cli.config.checking import check_folder
from cli.demo.rules import DAY_FASTER, HANDS_FASTER, shortened, write_faster_rules
from services.routing.rules.rule_file import load_rules
from services.sla.rules.promise_files import load_promises
from tests.shipped import CONFIG


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_faster_rules(CONFIG, tmp_path / "config")
    return tmp_path / "config"


def test_every_service_accepts_them(folder: Path) -> None:
    """What is written is a rule folder without a mistake, with all the files of the shipped one."""
    files, problems = check_folder(folder)
    assert problems == []
    assert len(files) == len(check_folder(CONFIG)[0])


def test_promises_are_shorter_by_the_day(folder: Path) -> None:
    """Each promise is the shipped one divided by the factor, up to the whole second; their order stays."""
    for shipped, played in zip(load_promises(CONFIG).policies, load_promises(folder).policies, strict=True):
        assert (shipped.condition, shipped.terms.policy) == (played.condition, played.terms.policy)
        gap = played.terms.first_answer.within - shipped.terms.first_answer.within / DAY_FASTER
        assert timedelta() <= gap < timedelta(seconds=1)
        assert played.terms.plan is not None
        assert played.terms.plan.within > played.terms.first_answer.within


def test_hands_are_not_as_fast_as_the_day(folder: Path) -> None:
    """The time to accept shrinks by the smaller factor, and what is no waiting of people stays as it is."""
    shipped, played = load_rules(CONFIG), load_rules(folder)
    for name, queue in shipped.queues.items():
        assert played.queues[name].accept_seconds == pytest.approx(queue.accept_seconds / HANDS_FASTER, abs=0.001)
    assert played.patience.unknown_ticket_seconds == shipped.patience.unknown_ticket_seconds
    assert played.patience.promise_wait_seconds == shipped.patience.promise_wait_seconds


def test_no_promise_becomes_nothing() -> None:
    """A promise too short to be divided lasts a second."""
    assert [shortened(written) for written in ("2h", "30m", "90s", "1s")] == ["20s", "5s", "1s", "1s"]
