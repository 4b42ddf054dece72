"""What `--json` writes is a promise to programs: these names stay."""

from dataclasses import fields

import pytest

from cli.config.commands import MistakeJson
from cli.dead_letters.as_json import LetterJson, WholeLetterJson, letter_json, whole_letter_json
from cli.resealing.walking import Walked
from cli.settings.commands import SettingJson
from cli.tickets.as_json import ENTRY_KEYS, ClockJson, TicketJson, TicketSummaryJson, entry_json, summary_json
from cli.topics.report import TopicReport
from deploy.local.status import ProcessStatus
from shared.contracts import tickets
from tests.unit.cli.test_kefu_dead_letters import letter_of
from tests.unit.cli.test_kefu_ticket_view import AGENT, Life

TICKET = (
    "ticket_id ticket_no member_id tier channel problem_type urgency order_no summary opened_at state open waiting_on "
    "merged_into queue lane agent_id clocks escalation_level escalation_team acknowledged_by"
)
LETTER = "id failed_at topic partition offset group key reason message attempts size replayed_at"


@pytest.mark.parametrize(
    ("shape", "keys"),
    [
        (TicketSummaryJson, TICKET),
        (TicketJson, f"{TICKET} story"),
        (ClockJson, "clock due met_at warned_at breached_at standing"),
        (LetterJson, LETTER),
        (WholeLetterJson, f"{LETTER} headers value shown"),
        (SettingJson, "name used_by description default secret value"),
        (MistakeJson, "file line reason"),
        (Walked, "service table renewed left why"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_the_names_in_json_stay_as_they_are(shape: type, keys: str) -> None:
    """A name that goes or changes breaks programs of other people; a new one is added here, at the end."""
    assert list(shape.__annotations__) == keys.split()


def test_the_names_of_topics_and_processes_stay() -> None:
    """Also what `kefu topics --json` and `make status` in JSON say."""
    assert [field.name for field in fields(TopicReport)] == [
        *("name", "partitions", "end_offsets", "retained", "lag", "differences", "unreadable"),
    ]
    assert [field.name for field in fields(ProcessStatus)] == ["process", "state", "pid", "uptime", "address", "ready"]


def test_what_is_written_has_the_names_that_are_documented() -> None:
    """A ticket and a letter are written with all names of their shape, in its order."""
    assert list(summary_json(Life().view)) == list(TicketSummaryJson.__annotations__)
    assert list(letter_json(letter_of())) == list(LetterJson.__annotations__)
    assert list(whole_letter_json(letter_of())) == list(WholeLetterJson.__annotations__)


def test_an_event_says_which_it_is() -> None:
    """Each event of a story has its verb and the id and source by which a repeat is known, then its own fields."""
    view = Life().happened(tickets.TicketAccepted, 1, event_id="e-7", agent_id="A1")
    told = entry_json(view.story[-1])
    assert tuple(told)[: len(ENTRY_KEYS)] == ENTRY_KEYS
    assert (told["verb"], told["event_id"], told["source"], told["agent_id"]) == (
        "accepted",
        "e-7",
        "/kefu/routing",
        "A1",
    )


def test_personal_data_is_masked_in_the_story_too() -> None:
    """What an agent wrote comes without the phone number and the address in it."""
    text = "请拨 13900001234 或写 zhangsan@example.com"
    view = Life().happened(tickets.TicketAnswered, 1, by=AGENT, text=text)
    assert entry_json(view.story[-1])["text"] == "请拨 139****1234 或写 zh***@example.com"
