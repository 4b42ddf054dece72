"""Secrets and accounts known by the word before them: whatever follows it, up to the next blank or end of sentence."""

import re
from collections.abc import Iterator
from typing import Final

from shared.masking.needed import WALL, Span

_OPEN: Final = r"[ :=\"'\\“‘「『【(]{0,4}"
_VALUE: Final = rf"((?:[#-+\--:<-~]|!(?![\u3400-\u9fff])|[^\x00-\x7f。、…！？”’」』】{WALL}]){{1,64}})"
_SINGLES: Final = r"(?:[a-z0-9][ ·]){3,31}[a-z0-9](?![a-z0-9])"
_CODE: Final = rf"({_SINGLES}|(?:[a-z0-9]{{2,8}}[ -]){{1,7}}[a-z0-9]{{2,12}}(?![a-z0-9])|[a-z0-9][a-z0-9_-]{{3,63}})"

_CHINESE: Final = (
    r"(?:银行卡号?|信用卡号?|卡号|卡密|密码|口令|暗号|激活码|兑换码|礼品码|礼包码|序列号|序号|密钥|秘钥|验证码|校验码|动态码"
    r"|提取码|券码|身份证号?码?|护照号?码?|通行证号?码?)(?:号码)?"
)
_ENGLISH: Final = (
    r"(?<![a-z])(?:cd-?keys?|cdk|pass(?:word|wd|phrase)|pwd|otp|cvv|passport(?: no| number)?|card (?:no|number)"
    r"|api[_-]?key|(?:access|refresh|bearer|auth)?[_ -]?token|secret|authorization)"
)
_NO_VALUE: Final = (
    r"(?!错误|错的?|不|无效|失效|已|过期|什么|多少|空|没|未|否|哪|怎|谁|正确|对的|被"
    r"|(?:wrong|incorrect|not|invalid|expired|correct|required|missing|empty|weak|used|being|too|the|my|a|an|in|on|for)"
    r"(?=[ .,;!?]|$))"
)
_SAID: Final = re.compile(
    rf"(?:{_CHINESE}|{_ENGLISH}){_OPEN}(?:[:=]|是|为|如下|分别是|发的|(?<= )(?:is|was)(?= )){_OPEN}"
    rf"(?:bearer )?{_NO_VALUE}{_VALUE}"
)
_AFTER: Final = re.compile(rf"(?:{_CHINESE}{_OPEN}|(?<![a-z])(?:cd-?keys?|cdk|pin|otp|cvv)[ :=#]{{1,3}}){_CODE}")
_DIGIT: Final = re.compile(r"[0-9]")
_THREE_DIGITS: Final = re.compile(r"(?:[^0-9]*[0-9]){3}")
# A list of keys has its label once; the next ones are known by the length of the first.
_LISTED: Final = re.compile(r"[、,;/ ]{1,2}([a-z0-9][a-z0-9-]{7,63})(?![a-z0-9])")
_PASSWORD: Final = re.compile(r"(?:密码|口令) ?([!#-+\--:<-~]{4,64})")
# A key written in groups goes on behind its blanks, as long as the groups hold a digit or are single characters.
_FURTHER: Final = re.compile(r" ((?=[a-z-]{0,12}[0-9])[a-z0-9-]{1,26}|[a-z0-9](?= |$))(?![a-z0-9])")
_ACCOUNT: Final = re.compile(
    r"(?:(?P<messenger>微信|薇信|威信|扣扣|支付宝|闲鱼|抖音|陌陌|钉钉|(?<![a-z])(?:qq|vx|wx|v信))群?(?P<named>账?号码?|id)?"
    r"|(?<![a-z])(?:wechat|whatsapp|telegram|skype|line id)|账号|账户|用户名|(?<![a-z])(?:steam|uid|username|game id))"
    r"(?P<link>[ :=\"'「(]{0,3}(?:是|为|is )?[ :=\"'「(]{0,3})(?P<value>[a-z0-9][a-z0-9_.-]{4,39})"
)
_IN_URL: Final = re.compile(r"://[^/\s:@]{1,64}:([^@\s/]{1,128})@")


def secrets(folded: str) -> Iterator[Span]:
    """Passwords, card keys and codes behind their labels."""
    for found in _SAID.finditer(folded):
        end = found.end(1)
        while found[1].isascii() and (more := _FURTHER.match(folded, end)):
            end = more.end(1)
        yield found.start(1), end
        yield from _listed(folded, folded[found.start(1) : end], end)
    for found in _AFTER.finditer(folded):
        if _DIGIT.search(found[1]):
            yield found.span(1)
            yield from _listed(folded, found[1], found.end(1))
    for pattern in (_PASSWORD, _IN_URL):
        for found in pattern.finditer(folded):
            yield found.span(1)


def accounts(folded: str) -> Iterator[Span]:
    """Accounts behind the name of a messenger, or behind other words when digits show that one is meant."""
    for found in _ACCOUNT.finditer(folded):
        sure = found["messenger"] and (found["named"] or found["link"].strip())
        if sure or _THREE_DIGITS.match(found["value"]):
            yield found.span("value")


def _listed(folded: str, first: str, at: int) -> Iterator[Span]:
    while (more := _LISTED.match(folded, at)) and len(more[1]) == len(first) and _DIGIT.search(more[1]):
        yield more.span(1)
        at = more.end(1)
