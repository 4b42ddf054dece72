"""Tables on screens of any width, and for programs."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from cli.table import Column, Laid, lay_out

ID = "support.contact.v1.intake.dlq/11/204"
COLUMNS = (
    Column("WHEN", rank=2),
    Column("ID"),
    Column("REASON", rank=1),
    Column("KEY", rank=3),
    Column("MESSAGE", is_text=True),
)
AT = datetime(2026, 10, 15, 6, 0, tzinfo=UTC)
ROW = (AT, ID, "not_json", "chat:卡密", "卡密在有效期内，请再试一次 and so on, as long as it takes")
VALUES = st.text(alphabet=st.sampled_from("ab 卡密，x1"), max_size=60)


def plain(laid: Laid) -> list[str]:
    return [line.plain for line in laid.lines]


@pytest.mark.parametrize("width", [44, 60, 80, 120, 200])
def test_a_table_fits_the_screen_and_ids_stay_whole(width: int) -> None:
    """No line is wider than the screen, the id is in one piece, and of the message no word is lost."""
    lines = plain(lay_out(COLUMNS, [ROW], width))
    assert max(map(cell_len, lines)) <= width
    assert any(ID in line for line in lines)
    assert "".join("".join(lines).split()).endswith("".join(str(ROW[-1]).split()))


@given(st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=4), st.integers(min_value=30, max_value=100))
def test_whatever_the_cells_hold_texts_never_overflow(rows: list[tuple[str, str]], width: int) -> None:
    """A text of any length and script makes no line wider than the screen, and nothing of it is lost."""
    laid = lay_out((Column("ID"), Column("TEXT", is_text=True)), [("T1", text) for _, text in rows], width)
    assert max(map(cell_len, plain(laid))) <= width
    for _, text in rows:
        assert "".join(text.split()) in "".join("".join(plain(laid)).split())


def test_the_least_important_columns_leave_first_and_are_named() -> None:
    """What has no room is left out whole, by rank, and the person is told what it was."""
    assert lay_out(COLUMNS, [ROW], 80).left_out == []
    assert lay_out(COLUMNS, [ROW], 70).left_out == ["KEY"]
    assert lay_out(COLUMNS, [ROW], 60).left_out == ["WHEN", "KEY"]
    assert lay_out(COLUMNS, [ROW], 40).left_out == ["WHEN", "REASON", "KEY"]


def test_a_screen_too_narrow_for_a_row_gets_a_line_for_each_value() -> None:
    """Narrower than the id the table turns into labelled lines, the id still in one piece."""
    lines = plain(lay_out(COLUMNS, [ROW], 30))
    assert f"ID       {ID}" in lines


def test_a_program_gets_a_line_a_row_with_all_of_it() -> None:
    """Without a screen nothing is wrapped, cut or left out, and no line ends with blanks."""
    lines = plain(lay_out(COLUMNS, [ROW, ROW], None))
    assert len(lines) == 3
    assert all(str(value) in lines[1] for value in ROW[1:])
    assert [line for line in lines if line != line.rstrip()] == []


def test_columns_line_up_under_chinese_text() -> None:
    """A Chinese character takes two cells, so what comes behind it begins where the heading says."""
    heading, first, second = plain(lay_out((Column("A"), Column("B")), [("卡密", "x"), ("abcd", "x")], None))
    assert {cell_len(line) for line in (first, second)} == {cell_len("abcd  x")}
    assert heading.index("B") == len("abcd  ")


def test_times_bear_their_zone() -> None:
    """The heading says the offset when it is the same for all rows."""
    offset = AT.astimezone().isoformat()[-6:]
    assert plain(lay_out(COLUMNS, [ROW], None))[0].startswith(f"WHEN {offset}")


def test_an_empty_column_takes_no_room_on_a_screen() -> None:
    """Where nothing was replayed, a person sees no column of dashes; a program finds it in its place."""
    columns = (Column("ID"), Column("REPLAYED", rank=1), Column("DIFFERS", is_text=True))
    rows = [("1", None, ""), ("2", None, "")]
    assert plain(lay_out(columns, rows, 80)) == ["ID", "1", "2"]
    assert plain(lay_out(columns, rows, None))[1] == "1   -         -"
