"""The number of a ticket survives being read out."""

from datetime import UTC, datetime

import pytest

from shared.contracts.ticket_numbers import is_ticket_number, ticket_number, ticket_numbers_in

EVENING = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)


def test_the_day_is_that_of_the_members() -> None:
    """Half past midnight in Shanghai is the next day already."""
    assert ticket_number(42, EVENING).startswith("T261123-000042")


def test_the_check_digit_is_luhn() -> None:
    """Day, sequence and check digit together pass the published algorithm: every second digit doubled, summed, 0."""
    digits = ticket_number(9871, EVENING).replace("T", "").replace("-", "")
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    assert sum(value // 10 + value % 10 for value in doubled) % 10 == 0


def test_a_long_sequence_only_makes_it_longer() -> None:
    """The ten-millionth ticket has a number too."""
    number = ticket_number(10_000_000, EVENING)
    assert number.startswith("T261123-10000000")
    assert is_ticket_number(number)


@pytest.mark.parametrize("sequence", [1, 42, 999_999, 123_456_789])
def test_one_wrong_digit_is_noticed(sequence: int) -> None:
    """Whatever single digit is changed, the number is no ticket number."""
    number = ticket_number(sequence, EVENING)
    assert is_ticket_number(number)
    for place, right in enumerate(number):
        if right.isdigit():
            wrong = [number[:place] + digit + number[place + 1 :] for digit in "0123456789" if digit != right]
            assert not any(map(is_ticket_number, wrong))


@pytest.mark.parametrize(
    "text", ["", "T", "T261123-00042", "261123-0000425", "T261123-000042", "T２６１１２３-0000425"]
)
def test_other_texts_are_none(text: str) -> None:
    """What has not the form is not looked up."""
    assert not is_ticket_number(text)


NUMBER = ticket_number(42, EVENING)


@pytest.mark.parametrize(
    "text",
    [f"工单号{NUMBER}怎么还没人处理", f"[{NUMBER}] 激活码", f"ticket {NUMBER.lower()}?", NUMBER.replace("-", ""),
     NUMBER.replace("-", " "), "".join(chr(ord(char) + 0xFEE0) for char in NUMBER), f"{NUMBER},{NUMBER}"],
)  # fmt: skip
def test_a_number_is_found_in_words(text: str) -> None:
    """However a member writes it down."""
    assert ticket_numbers_in(text) == (NUMBER,)


@pytest.mark.parametrize(
    "text", [NUMBER[:-1] + str((int(NUMBER[-1]) + 1) % 10), f"X{NUMBER}", f"{NUMBER}0", "T261123", ""]
)
def test_what_only_looks_like_a_number_is_none(text: str) -> None:
    """A digit that was misheard, a longer number, half of one."""
    assert ticket_numbers_in(text) == ()
