"""Accounts a member names: QQ, WeChat, game and e-mail accounts. Theirs to know, so masked wherever they are shown."""

import re

from services.intake.understanding.extract.claimed_spans import TAKEN, ClaimedSpans
from services.intake.understanding.extract.phones import MOBILE

_EMAIL = re.compile(r"[a-z0-9][a-z0-9._%+-]{0,63}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,4}")
_THREE_DIGITS = re.compile(r"(?:[^0-9]*[0-9]){3}")
_LABELLED = re.compile(
    r"(?:(?<![a-z])(?:qq|vx|wx|wechat|steam|uid|game id|account|user(?:name)?|id)|扣扣|微信|账号|账户|用户名|角色)"
    r"(?:群|号码?|id)?[ :=\"'「(]{0,3}(?:是|为|is)?[ :=\"'「(]{0,3}([a-z0-9][a-z0-9_.-]{4,39})"
)


def claim_accounts(spans: ClaimedSpans) -> bool:
    """Claim accounts; says whether the member named one. A mobile number used as account stays open for phones."""
    named = False
    for found in _EMAIL.finditer(spans.folded):
        spans.claim("account", found.start(), found.end())
        named = True
    for found in _LABELLED.finditer(spans.folded):
        value = found[1]
        if TAKEN in value or not _THREE_DIGITS.match(value):
            continue
        named = True
        if not MOBILE.fullmatch(value):
            spans.claim("account", found.start(1), found.end(1))
    return named
