"""A version stands for its words, all of them, for good."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.notify.domain.templates import TextCatalogue, TextName
from services.notify.domain.ticket import NoticeKind
from services.notify.rules.known_texts import changed_words
from tests.shipped import CONFIG
from tests.unit.notify.samples import KNOWN, POLICY

PARTS = ("signature", "sms", "title", "body")


def with_part(catalogue: TextCatalogue, kind: NoticeKind, part: str, words: str) -> TextCatalogue:
    """The catalogue with other words in one place, and nothing checked: only the hash is to find them."""
    if part == "signature":
        return catalogue.model_copy(update={"signature": words})
    template = catalogue.templates[kind]
    if part == "sms":
        changed = template.model_copy(update={"sms": words})
    else:
        changed = template.model_copy(update={"push": template.push.model_copy(update={part: words})})
    return catalogue.model_copy(update={"templates": {**catalogue.templates, kind: changed}})


def words_of(catalogue: TextCatalogue, kind: NoticeKind, part: str) -> str:
    """The words of one place."""
    template = catalogue.templates[kind]
    return {
        "signature": catalogue.signature,
        "sms": template.sms,
        "title": template.push.title,
        "body": template.push.body,
    }[part]


@given(st.sampled_from(["zh-CN", "en"]), st.sampled_from(list(NoticeKind)), st.sampled_from(PARTS), st.data())
def test_one_other_character_is_another_text(locale: str, kind: NoticeKind, part: str, data: st.DataObject) -> None:
    """Put in, taken out or changed, in any place a member reads, it changes the hash, and the version is refused."""
    catalogue = POLICY.catalogues.of(locale)
    words = words_of(catalogue, kind, part)
    place = data.draw(st.integers(0, len(words)))
    changed = words[:place] + data.draw(st.text(max_size=2)) + words[place + data.draw(st.integers(0, 2)) :]
    assume(changed != words)
    other = with_part(catalogue, kind, part, changed)
    name = other.text_name(kind)
    problems = changed_words({name: other.text_hash(kind)}, KNOWN, CONFIG / "templates")
    assert [str(one) for one in problems] == [
        f"{CONFIG}/templates/{locale}.yaml: the words of {kind.value} (or the signature) are not those that its "
        f"version 1 has stood for so far; give it a new version: 2"
    ]


def test_words_that_change_places_are_another_text() -> None:
    """A word moved from the title to the body is another text, though the words together are the same."""
    catalogue = POLICY.catalogues.of("zh-CN")
    push = catalogue.templates[NoticeKind.OPENED].push
    moved = with_part(catalogue, NoticeKind.OPENED, "title", push.title[:-1])
    moved = with_part(moved, NoticeKind.OPENED, "body", push.title[-1] + push.body)
    assert moved.text_hash(NoticeKind.OPENED) != catalogue.text_hash(NoticeKind.OPENED)


def test_the_next_version_is_one_that_nothing_stands_for() -> None:
    """The refusal names a version that was never used, also when the file went back to an old one."""
    name = TextName("en", "opened", 1)
    known = {name: b"a", TextName("en", "opened", 7): b"b", TextName("zh-CN", "opened", 9): b"c"}
    (problem,) = changed_words({name: b"other"}, known, CONFIG)
    assert str(problem).endswith("give it a new version: 8")


@pytest.mark.parametrize("version", [1, 7])
def test_going_back_to_an_earlier_version_is_no_change(version: int) -> None:
    """A version that is known passes with its own words, whatever came after it."""
    known = {TextName("en", "opened", 1): b"a", TextName("en", "opened", 7): b"b"}
    name = TextName("en", "opened", version)
    assert changed_words({name: known[name]}, known, CONFIG) == []
