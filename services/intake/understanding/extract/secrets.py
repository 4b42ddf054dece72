"""What must never be shown again: card numbers, card keys, passwords, codes, identity cards."""

import re

from services.intake.understanding.extract.claimed_spans import TAKEN, ClaimedSpans

_LABELS = (
    "银行卡号?|信用卡号?|卡号|卡密|密码|口令|激活码|兑换码|礼品码|礼包码"
    "|序列号|序号|密钥|秘钥|验证码|校验码|动态码|提取码|券码|身份证号?码?"
)
_FILL = r"(?:号码)?[ :=\"'「【(]{0,3}(?:是|为|如下|分别是|发的)?[ :=\"'「【(]{0,3}"
_CODE = r"(?:[a-z0-9]{2,8}[ -]){1,7}[a-z0-9]{2,12}(?![a-z0-9])|[a-z0-9][a-z0-9_-]{3,63}"
_LABELLED = re.compile(rf"(?:{_LABELS}){_FILL}({_CODE})")
_ENGLISH = re.compile(
    r"(?<![a-z])(?:cd-?keys?|cdk|keys?|pin|password|passwd|pwd|otp|cvv|(?<!error )codes?|card (?:no|number))"
    rf"[ .:=#\"']{{0,3}}(?:is|was)?[ :=\"']{{0,3}}(?:是|为)?[ :]?({_CODE})"
)
_PASSWORD = re.compile(
    r"(?:密码|口令|password|passwd|pwd)(?: ?(?:是|为|is) ?| ?[:=] ?|(?<=[码令]) ?)([!-+\--:<-~]{4,64})"
)
_GROUPS = re.compile(r"(?<![a-z0-9-])[a-z0-9]{4,6}(?:-[a-z0-9]{4,6}){2,7}(?![a-z0-9-])")
_FURTHER = re.compile(r"[、,;/ ]{1,2}([a-z0-9][a-z0-9-]{7,63})(?![a-z0-9])")
_IDENTITY_CARD = re.compile(
    r"(?<![a-z0-9])[1-9]\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dx](?![a-z0-9])"
)
_CHECK_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_DIGIT = re.compile(r"[0-9]")
_ORDER_LABEL = re.compile(r"(?:单号|单编号|编号|订单|order)[^,。;]{0,6}$")


def claim_secrets(spans: ClaimedSpans, folded: str) -> None:
    """Claim every secret in ``folded`` (lower case, positions of the ledger)."""
    for pattern in (_PASSWORD, _LABELLED, _ENGLISH):
        for found in pattern.finditer(folded):
            if pattern is _PASSWORD or _has_digit(found[1]):
                _claim(spans, found.start(1), found.end(1))
                _claim_further(spans, folded, found.end(1), found[1])
    for found in _GROUPS.finditer(spans.folded):
        if _has_digit(found[0]) and not _ORDER_LABEL.search(folded[max(0, found.start() - 12) : found.start()]):
            _claim(spans, found.start(), found.end())
    for found in _IDENTITY_CARD.finditer(folded):
        if _valid_identity(found[0]):
            _claim(spans, found.start(), found.end())


def _claim_further(spans: ClaimedSpans, folded: str, at: int, first: str) -> None:
    """A list of keys has its label once; the next ones are known by the length of the first."""
    while (found := _FURTHER.match(folded, at)) and len(found[1]) == len(first) and _has_digit(found[1]):
        _claim(spans, found.start(1), found.end(1))
        at = found.end(1)


def _claim(spans: ClaimedSpans, start: int, end: int) -> None:
    if TAKEN not in spans.open[start:end]:
        spans.claim("secret", start, end)


def _has_digit(code: str) -> bool:
    return _DIGIT.search(code) is not None


def _valid_identity(number: str) -> bool:
    """ISO 7064 MOD 11-2, as in GB 11643."""
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _CHECK_WEIGHTS, strict=True))
    return "10x98765432"[total % 11] == number[17]
