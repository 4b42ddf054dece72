"""The figures of the benchmarks: percentiles, spreads, and the page they are put into."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.figures import Spread, percentile, short
from bench.table import BEGIN, END, Block, Goal, as_markdown, goals_block, write_markdown

samples = st.lists(st.floats(0, 1e6), min_size=1, max_size=50)


@given(samples, st.floats(0, 1))
def test_a_percentile_lies_between_the_samples(values: list[float], share: float) -> None:
    """A percentile is never outside the samples."""
    assert min(values) <= percentile(values, share) <= max(values)


@given(samples, st.floats(0, 1), st.floats(0, 1))
def test_a_larger_share_has_no_smaller_value(values: list[float], one: float, other: float) -> None:
    """A larger share never has a smaller value."""
    low, high = sorted((one, other))
    assert percentile(values, low) <= percentile(values, high) + 1e-6


def test_a_percentile_interpolates_between_neighbours() -> None:
    """Between two neighbours the value lies in proportion."""
    assert percentile([1, 2, 3, 4], 0.5) == 2.5
    assert percentile(list(range(101)), 0.99) == 99


def test_no_samples_have_no_percentile() -> None:
    """No samples have no percentile."""
    with pytest.raises(ValueError, match="no samples"):
        percentile([], 0.5)


def test_spread_is_written_with_its_ends() -> None:
    """A spread names its median, then its lowest and highest; rounds that agree are one figure."""
    assert str(Spread.of([1200, 3.14, 56])) == "56.0 (3.14-1,200)"
    assert str(Spread.of([2.5, 2.5])) == "2.50"


@pytest.mark.parametrize(("value", "text"), [(0.1234, "0.123"), (1.234, "1.23"), (12.34, "12.3"), (1234.5, "1,234")])
def test_figures_are_written_with_three_digits(value: float, text: str) -> None:
    """Every figure is written with three digits that count."""
    assert short(value) == text


def _block() -> Block:
    return Block("Speed", ("", "ours"), (("all", "12|3"),), {"all": 12.0}, (Goal("speed", "2×", "≥ 3×", met=False),))


def test_goals_are_told_honestly() -> None:
    """A goal that was missed says so."""
    assert goals_block([_block()]).rows == (("speed", "2×", "≥ 3×", "not met"),)


def test_markdown_goes_between_the_markers(tmp_path: Path) -> None:
    """Only what stands between the markers is replaced, however often."""
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", "utf-8")
    for _ in range(2):
        write_markdown(page, as_markdown([_block()]))
    written = page.read_text("utf-8")
    assert written.startswith("before\n")
    assert written.endswith("\nafter\n")
    assert "old" not in written
    assert written.count("| all | 12/3 |") == 1


def test_page_without_markers_is_left_alone(tmp_path: Path) -> None:
    """A page that has no place for the tables is refused and not changed."""
    page = tmp_path / "page.md"
    page.write_text("a page", "utf-8")
    with pytest.raises(ValueError, match="no lines"):
        write_markdown(page, "tables")
    assert page.read_text("utf-8") == "a page"
