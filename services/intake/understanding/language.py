"""Which language a contact is written in."""

import re

from services.intake.understanding.normalise import Normalised

_HAN = re.compile("[\u3400-\u9fff]")
_KANA_OR_HANGUL = re.compile("[\u3040-\u30ff\uac00-\ud7af]")
_LATIN = re.compile("[a-z]")


def language(given: Normalised) -> str:
    """``zh``, ``zh-Hant``, ``en`` or ``other``; a text without letters is ``other``."""
    han = len(_HAN.findall(given.unified))
    latin = len(_LATIN.findall(given.folded))
    if 10 * len(_KANA_OR_HANGUL.findall(given.unified)) > han + latin:
        return "other"
    if not han:
        return "en" if 2 * latin > len(given.folded.replace(" ", "")) else "other"
    # A Chinese character says about as much as four Latin letters: "office打不开" is Chinese.
    if latin > 8 * han:
        return "en"
    if given.unified == given.text:
        return "zh"
    changed = sum(1 for before, after in zip(given.unified, given.text, strict=False) if before != after)
    return "zh-Hant" if 12 * changed >= han else "zh"
