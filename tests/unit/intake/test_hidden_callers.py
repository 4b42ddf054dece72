"""Callers who hide their number."""

import pytest

from services.intake.domain.hidden_callers import hides
from shared.contracts.contacts import NO_ADDRESS, Sender


@pytest.mark.parametrize(
    "value",
    ["anonymous", "Anonymous", "ANONYMOUS ", "withheld", "Private Number", "unknown", "No Caller ID", "unavailable",
     "restricted", "未知号码", "匿名", "私人号码", "隐藏", "000", "00000000000", "+000", "0",
     "-", " ", "?", "N/A", "null", "+266696687", "+7378742833", "+86282452253", "sip:anonymous@anonymous.invalid",
     "<sip:Anonymous@10.0.0.1;user=phone>",
     "tel:anonymous", "ａｎｏｎｙｍｏｕｓ"],
)  # fmt: skip
def test_no_number_is_nobodys_address(value: str) -> None:
    """Whatever an exchange puts in the place of a number, it leads to nobody."""
    assert hides(Sender(kind="phone", value=value))


@pytest.mark.parametrize(
    "value",
    ["+8613900000000", "13900000000", "010-62345678", "+1 (555) 010-0100", "4005550100", "10086", "95588", "110",
     "sip:+8613900000000@carrier.example", "tel:+8613900000000", "+266696688", "266696687"],
)  # fmt: skip
def test_a_number_is_an_address(value: str) -> None:
    """However it is written, and however short."""
    assert not hides(Sender(kind="phone", value=value))


@pytest.mark.parametrize(
    ("kind", "value", "hidden"),
    [("email", "unknown@example.com", False), ("email", "anonymous@anonymous.invalid", True),
     ("wechat_openid", "private", False), ("wechat_openid", "000", False), ("sip", "sip:withheld@x.invalid", True)],
)  # fmt: skip
def test_only_a_telephone_has_words_for_no_number(kind: str, value: str, hidden: bool) -> None:
    """Names of other kinds may look like anything; what no address can be is none there, either."""
    assert hides(Sender(kind=kind, value=value)) is hidden


@pytest.mark.parametrize("value", ["", None])
def test_a_caller_without_any_number_is_heard(value: object) -> None:
    """An empty number is no reason to lose the call."""
    sender = Sender.model_validate({"kind": "phone", "value": value})
    assert sender.value == NO_ADDRESS
    assert hides(sender)
