"""A number is one in whatever script, with whatever unseen between, and as words: found by kind, not by case."""

from hypothesis import given
from hypothesis import strategies as st

from shared.masking import find_private, redacted
from shared.masking.unseen import VisibleText

SCRIPTS = (
    "0123456789",
    "０１２３４５６７８９",
    "零一二三四五六七八九",
    "〇壹贰叁肆伍陆柒捌玖",
    "洞幺两三四五六拐八勾",
    "⓪①②③④⑤⑥⑦⑧⑨",
    "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗",
)
UNSEEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad\ufe0f\u0301\u20e3\u202e\U000e0001"
SPELLED = (
    ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    ("ling", "yi", "er", "san", "si", "wu", "liu", "qi", "ba", "jiu"),
)

mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True).filter(str.isascii)
unseen = st.text(alphabet=UNSEEN, max_size=6)


def hidden(text: str, number: str) -> bool:
    """Whether all of what stands for the number is private, in a member's words."""
    start = text.index(number)
    marked = {at for one in find_private(text, strict=True) for at in range(one.start, one.end)}
    return {at for at, char in enumerate(number, start) if char in VisibleText(text).text} <= marked


@given(mobiles, st.data())
def test_a_number_in_any_script_with_anything_unseen_between(number: str, data: st.DataObject) -> None:
    """However each digit is written, and however many characters that nobody sees stand between, it is one number."""
    written = "".join(
        data.draw(st.sampled_from(SCRIPTS))[int(digit)] + (data.draw(unseen) if place < 10 else "")
        for place, digit in enumerate(number)
    )
    text = f"请打{written}谢谢"
    assert hidden(text, written)
    assert "****" in redacted(text)


@given(mobiles, st.sampled_from(SPELLED), st.sampled_from([" ", "-", ", ", ". ", "/"]))
def test_a_number_said_in_words(number: str, words: tuple[str, ...], between: str) -> None:
    """Digits as English words or in pinyin are digits, in logs and topics alike."""
    written = between.join(words[int(digit)] for digit in number)
    assert hidden(f"请打{written}谢谢", written)
    assert redacted(f"请打{written}谢谢") == "请打***谢谢"


@given(mobiles, st.sampled_from("个的又加x+_"))
def test_a_number_with_one_character_between_any_two_digits(number: str, between: str) -> None:
    """The same character between all digits makes no sentence of a number."""
    written = between.join(number)
    assert hidden(f"请打{written}谢谢", written)


@given(
    st.text(alphabet="ABCDEFGHJK23456789", min_size=16, max_size=16).filter(lambda key: any(map(str.isdigit, key))),
    unseen,
)
def test_a_key_with_something_unseen_between_its_groups(key: str, between: str) -> None:
    """A card key is hidden from its first character to its last, whatever unseen stands in it."""
    written = between.join(key[at : at + 4] for at in range(0, 16, 4))
    assert hidden(f"卡密：{written}", written)


@given(st.text(alphabet=st.sampled_from("订单12月3日¥5元 abc。\u200b\ufe0f👍é"), max_size=40))
def test_places_stay_in_order_and_within_the_text(text: str) -> None:
    """Whatever is unseen, what is found lies within the text, in order, none over another."""
    ends = [0]
    for one in find_private(text, strict=True):
        assert ends[-1] <= one.start < one.end <= len(text)
        ends.append(one.end)


def test_words_that_are_no_number_stay_readable() -> None:
    """Six digits as words, or numbers among other words, are what people say."""
    for text in ("one two three four five six", "I have one or two", "er shi wu", "3个5个", "san ba ling"):
        assert redacted(text) == text
