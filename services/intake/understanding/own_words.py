"""The member's own words: without the history a reply quotes and without what their mail program adds.

What is quoted is mostly the house's own earlier mail: its order, its dates and its anger are not new. Layouts are those
of QQ mail, 163/126, Foxmail, Outlook, Gmail, Apple Mail, WeChat and WeCom, in Chinese and English. Every pattern is
bounded, so that the work is that of the characters looked at.
"""

import re
from dataclasses import dataclass

from services.intake.understanding.normalise import shortened

LOOKED_HEAD, LOOKED_TAIL = 8_000, 2_000
"""Characters of a text in which quoted history is looked for; what lies between is left out."""

_SENDER_WORDS = "发件人|發件人|寄件人|寄件者|发件者|From"
_HEADER_WORDS = (
    f"{_SENDER_WORDS}|收件人|收件者|抄送|副本|发送时间|發送時間|发送日期|傳送時間|寄件日期|已发送|日期|时间|時間|主题|主題|主旨"
    "|Sent|Date|To|Cc|Subject"
)
_COLON = r" {0,4}\*{0,2} {0,4}[:：|]"
_SENDER = re.compile(rf"(?<![A-Za-z])(?:{_SENDER_WORDS}|收件人|收件者){_COLON}", re.IGNORECASE)
_HEADER_WORD = re.compile(rf"(?<![A-Za-z])(?:{_HEADER_WORDS}){_COLON}", re.IGNORECASE)
_HEADER_LINE = re.compile(rf"[>|* \t]{{0,8}}(?:{_HEADER_WORDS}){_COLON}", re.IGNORECASE)
_HEADER_REACH = 400
_HEADERS_TRIED = 20

_NAMES = (
    "原始邮件|原始郵件|原始信件|原始消息|原邮件|回复的原邮件|转发的?邮件|轉寄的?郵件|转发的?消息|邮件原文|历史邮件|往来邮件"
    "|历史(?:消息|记录|对话|沟通记录|回复)|(?:沟通|对话|聊天|工单|处理)(?:历史|记录)"
    "|Original (?:Message|E-?mail|Mail|Appointment)|Forwarded (?:Message|E-?mail)|Reply Message"
    "|(?:Ticket|Conversation|Message) history"
)
_ABOVE = (
    "(?:在|于|於)(?:此|这|這|本|该|以上|以下)?(?:条|條)?(?:行|线|線)[^\n]{0,4}(?:之?上|上面|上方|以上)[^\n]{0,6}(?:回复|回復|回覆|输入|书写)"
    "|(?:回复|回覆)请?(?:写|填)?在?此(?:行|线)[之以]?上|reply above this line"
)
_HISTORY = re.compile(
    rf"^[> \t]{{0,8}}[-_=—–─*#~·]{{2,}}+[^\n]{{0,12}}?(?:以下(?:是|为))?(?:{_NAMES})[^\n]{{0,40}}$"
    rf"|^[> \t]{{0,8}}(?:开始转发邮件|Begin forwarded message)[^\n]{{0,4}}[:：] {{0,4}}$"
    rf"|^[^\n]{{0,32}}?(?:{_ABOVE})[^\n]{{0,16}}$",
    re.IGNORECASE | re.MULTILINE,
)
_WROTE = re.compile(r"(?:wrote|写道|寫道|写到)[ \t]{0,4}[:：][ \t]{0,4}$", re.IGNORECASE | re.MULTILINE)
_NAMES_DAY_OR_ADDRESS = re.compile(r"@|\d{4}|\d ?月")
_NAMES_MINUTE_OR_ADDRESS = re.compile(r"@|\d[:：]\d\d")
_BEGINS_ATTRIBUTION = re.compile(r"[> \t]{0,8}(?:On |At |在 ?\d|于 ?\d|\d{4} ?[年/-])", re.IGNORECASE)
_ATTRIBUTION_LINE = 300
_QUOTED_LINE = re.compile(r"^[ \t]{0,8}[>＞](?![._<＜。﹏ω]).*\n?", re.MULTILINE)

_DASHES = r"\n[ \t]{0,4}(?:[-—–─_][ \t]?){3,}+(?:\n|\Z)"
_BRACKETED = re.compile(r"\s{0,8}「[^「」\n]{1,30}[:：]")
_CHAT_QUOTE = re.compile(rf"」[ \t]{{0,4}}{_DASHES}")
_ANNOUNCED_QUOTE = re.compile(r"\s{0,8}(?:这是一条)?引用(?:/回复)?的?(?:消息)?[^\n]{0,4}[:：]?[ \t]{0,4}\n")
_END_OF_QUOTE = re.compile(_DASHES)

_FOOTER = re.compile(
    "^--[ \t]{0,4}$"
    r"|^[^\n\w]{0,6}(?:免责声明|免責聲明|保密声明|法律声明)[^\n\w]{0,4}(?:[:：]|$)"
    "|^[^\n]{0,8}(?:本|此|这封)(?:邮件|郵件|电子邮件|信件)(?:及其?(?:任何|所有)?附件)?[^\n]{0,12}(?:保密|机密|機密|专有|商业秘密|指定的?收件人)"
    "|^[^\n]{0,6}(?:CONFIDENTIALITY NOTICE|DISCLAIMER|LEGAL NOTICE)"
    "|^(?:The information (?:contained )?in )?this (?:e-?mail|message)[^\n]{0,60}(?:confidential|privileged)",
    re.IGNORECASE | re.MULTILINE,
)
_DEVICES = "iPhone|iPad|Android|安卓|华为|小米|手机|手機|客户端|邮箱|郵箱|Outlook|Foxmail|QQ ?mail|Windows"
_SENT_FROM = re.compile(
    rf"(?:^|(?<=[\s。.!！]))(?:发自|發自|来自|來自|从)我的?[^\n,，。]{{0,8}}?(?:{_DEVICES})(?!号|卡)"
    "[^\n,，。没不无未充买到给]{0,16}$"
    "|^[ \t]{0,4}(?:(?:发送自|傳送自)[^\n]{1,30}|通过[^\n]{1,16}(?:邮箱|客户端)[^\n]{0,10}发送|签名由[^\n]{1,24}定制"
    "|Sent (?:from|via) (?:my )?"
    "(?:iPhone|iPad|Android|Samsung|Galaxy|Huawei|Xiaomi|mobile|phone|Mail|Yahoo|Outlook|Gmail)"
    "(?![^\n]{0,30} to )[^\n]{0,30}|Get Outlook for[^\n]{1,20})$",
    re.IGNORECASE | re.MULTILINE,
)
_DIVIDER = re.compile(r"^[ \t]{0,8}[-_=—–─*]{5,}+[ \t]{0,8}$", re.MULTILINE)
_ONE_LINE_HINTS = ("件人", "件者", "自我", "从我", "from", "From", "FROM", "sent", "Sent", "引用", "「")
"""What a text of one line holds when it may hold more than a member's words."""
_ANSWERED = re.compile(r"\s{0,8}(?:re|aw|回复|答复|回覆|回復|答覆)(?:\[\d{1,3}\])?\s{0,4}[:：]", re.IGNORECASE)
_PASSED_ON = re.compile(r"\s{0,8}(?:fwd?|转发|轉寄|轉發)\s{0,4}[:：]", re.IGNORECASE)
_HOLDS_PASSED_ON = re.compile("Forwarded (?:message|e-?mail)|转发的?(?:邮件|消息)|轉寄的?郵件|开始转发", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class OwnWords:
    """What the member wrote this time. ``subject`` is None when it is only that of the mail they answer."""

    subject: str | None
    text: str


def own_words(subject: str | None, text: str | None) -> OwnWords:
    """Any strings whatever; never raises. A mail that only passes another one on is read as a whole."""
    left = shortened(text or "", LOOKED_HEAD, LOOKED_TAIL).replace("\r\n", "\n").replace("\r", "\n")
    if subject is None and "\n" not in left and not any(hint in left for hint in _ONE_LINE_HINTS):
        return OwnWords(None, left)
    own = _without_additions(_without_history(left))
    if not own and (_PASSED_ON.match(subject or "") or _HOLDS_PASSED_ON.search(left)):
        return OwnWords(subject, left)
    answers = subject is not None and _ANSWERED.match(subject) is not None
    return OwnWords(None if answers and left.strip() else subject, own)


def _without_history(text: str) -> str:
    left = _without_chat_quote(text)
    if (header := _header(left)) is not None:
        left = left[:header]
    if "\n" not in left:
        return left
    if found := _HISTORY.search(left):
        left = left[: found.start()]
    if attribution := _attribution(left):
        start, end = attribution
        # Answers written between quoted lines are the member's; below an attribution without ">" nothing is.
        left = left[:start] + (rest if _QUOTED_LINE.match(rest := left[end:].lstrip("\n")) else "")
    own = _QUOTED_LINE.sub("", left)
    # Who begins every line with ">" and names nobody quotes nobody.
    return own if own.strip() or left != text else left


def _without_chat_quote(text: str) -> str:
    end = None
    if _BRACKETED.match(text):
        end = _CHAT_QUOTE.search(text)
    elif announced := _ANNOUNCED_QUOTE.match(text):
        end = _END_OF_QUOTE.search(text, announced.end() - 1)
    return text[end.end() :] if end else text


def _header(text: str) -> int | None:
    """Where the header of a quoted mail begins: a line naming the sender with another header word in the lines after
    it, or, in a text that lost its line breaks, with two of them. One alone is a member's way to write."""
    for tried, found in enumerate(_SENDER.finditer(text)):
        if tried == _HEADERS_TRIED:
            return None
        start = text.rfind("\n", 0, found.start()) + 1
        begins_line = not text[start : found.start()].strip("> |*\t")
        others = list(_HEADER_WORD.finditer(text, found.end(), found.end() + _HEADER_REACH))
        if begins_line and any("\n" in text[other.start() - 4 : other.start()] for other in others):
            return _first_header_line(text, start)
        if len(others) >= 2:
            return found.start()
    return None


def _first_header_line(text: str, start: int) -> int:
    while start:
        before = text.rfind("\n", 0, start - 1) + 1
        if not _HEADER_LINE.match(text, before):
            break
        start = before
    return start


def _attribution(text: str) -> tuple[int, int] | None:
    """Where "On Fri, Nov 20, 2026 at 3:12 PM Support <help@…> wrote:" begins and ends.

    It ends its line and names an address or a minute, or a day above quoted lines: ``客服昨天写道：请换一张卡`` is a
    member telling.
    """
    for found in _WROTE.finditer(text):
        start = text.rfind("\n", 0, found.start()) + 1
        before = text.rfind("\n", 0, max(start - 1, 0)) + 1
        wrapped = start > 0 and _BEGINS_ATTRIBUTION.match(text, before) is not None
        if wrapped:
            start = before
        quotes = _QUOTED_LINE.match(text[found.end() : found.end() + _ATTRIBUTION_LINE].lstrip("\n")) is not None
        names = _NAMES_DAY_OR_ADDRESS if quotes else _NAMES_MINUTE_OR_ADDRESS
        if names.search(text, max(start, found.start() - _ATTRIBUTION_LINE), found.start()):
            return start, found.end()
    return None


def _without_additions(text: str) -> str:
    """Without signatures, "sent from my telephone" and the small print lawyers add."""
    found = _FOOTER.search(text)
    if found and text[: found.start()].strip():
        text = text[: found.start()]
    return _DIVIDER.sub("", _SENT_FROM.sub("", text)).strip()
