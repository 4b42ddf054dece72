"""The words of time, as one pattern: dates, days, parts of the day, clocks, and how long ago."""

import re

_H = "[零一二两三四五六七八九十]{1,3}"
_N = rf"(?:\d{{1,2}}|{_H})"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTHS = {name: index for index, name in enumerate(_MONTHS, 1)}
DAYS_BACK = {
    "大前天": 3, "前天": 2, "前晚": 2, "昨天": 1, "昨日": 1, "昨儿": 1, "昨晚": 1, "昨夜": 1, "今天": 0, "今日": 0,
    "今儿": 0, "今早": 0, "今晨": 0, "今晚": 0, "yesterday": 1, "last night": 1, "today": 0, "this morning": 0,
    "tonight": 0,
}  # fmt: skip
EVENING_DAYS = {"前晚", "昨晚", "昨夜", "今晚", "last night", "tonight"}
MORNING_DAYS = {"今早", "今晨", "this morning"}
PARTS = {
    "凌晨": 3, "清晨": 6, "清早": 7, "一大早": 7, "大早上": 7, "早上": 8, "早晨": 8, "早": 8, "上午": 10, "中午": 12,
    "正午": 12, "午后": 14, "下午": 15, "傍晚": 18, "晚上": 20, "晚间": 20, "晚": 20, "夜里": 22, "夜间": 22,
    "深夜": 23, "半夜": 1, "午夜": 0, "am": 9, "pm": 15,
}  # fmt: skip
"""A part of the day and the hour it stands for when none is named."""
AFTERNOON = {"午后", "下午", "傍晚", "晚上", "晚间", "晚", "夜里", "夜间", "深夜", "pm"}
NIGHT = {"晚上", "晚间", "晚", "夜里", "夜间", "深夜", "半夜", "午夜"}
WEEKDAYS = {char: index for index, char in enumerate("一二三四五六")} | {"日": 6, "天": 6}
UNITS = {
    "分钟": 60, "小时": 3_600, "钟头": 3_600, "天": 86_400, "日": 86_400, "周": 604_800, "星期": 604_800,
    "礼拜": 604_800, "月": 2_592_000,
    "minute": 60, "min": 60, "hour": 3_600, "day": 86_400, "week": 604_800,
}  # fmt: skip

_STARTS = r"(?=[\d零一二两三四五六七八九十半几今昨前大当刚这上本周星礼凌清早中正午下傍晚夜深约差左多jfmasondylt])"
WORDS = re.compile(
    _STARTS
    + "(?:"
    + "|".join(
        (
            r"(?P<iso>20\d\d-\d\d-\d\d[t ]\d\d:\d\d(?::\d\d)?(?:\.\d{1,6})?(?:z|[+-]\d\d:?\d\d))",
            r"(?P<year>20\d\d) ?[-/.年] ?(?P<month>\d{1,2}) ?[-/.月] ?(?P<day>\d\d?)(?:[日号]|(?!\d{3}))t?",
            r"(?<!\d)(?P<compact>20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))(?!\d)",
            rf"(?P<ago>半|几|\d{{1,3}}|{_H})(?: ?个)?(?P<ago_more>多)?(?P<ago_half>半)?(?P<ago_odd>多)? ?"
            r"(?P<ago_unit>分钟|小时|钟头|天|日|周|星期|礼拜|月)(?P<ago_about>多|左右)?(?:之前|以前|前)",
            r"(?<![a-z])(?P<en_ago>\d{1,3}|an?|one|two|three|half an) (?P<en_unit>minute|min|hour|day|week)s? ago",
            r"(?P<now>刚才|刚刚|just now)",
            rf"(?P<last_month>上个?月)(?P<last_day>{_N})[日号]",
            rf"(?P<m>{_N}) ?月 ?(?P<d>{_N})(?: ?[日号]|(?! ?[\d个日号]))",
            rf"(?<![a-z])(?P<en_month>{'|'.join(_MONTHS)})[a-z]{{0,6}}\.? (?P<en_day>\d{{1,2}})"
            r"(?:st|nd|rd|th)?(?![\d:])",
            r"(?<![\d.:/-])(?P<sm>\d{1,2})[./-](?P<sd>\d{1,2})"
            r"(?= ?(?:\d{1,2}(?::\d\d|[点时])|凌晨|早|上午|中午|下午|晚|日|号|那天|当天|买|充|付|下单))[日号]?",
            rf"(?<![\d月号第.:-])(?P<only_day>{_N})[日号](?![线码店楼机卡角称位])",
            rf"(?P<relative>{'|'.join(DAYS_BACK)})",
            r"(?P<week>上上|上|这|本)?个?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天])",
            r"(?:(?<![\d.:])|(?<=20\d\d-\d\d-\d\d))(?P<hour>\d{1,2}):(?P<minute>\d\d)"
            r"(?::(?P<second>\d\d))?(?![\d:])(?: ?(?P<half_day>[ap]m))?",
            r"(?<![\d.:])(?P<en_hour>\d{1,2}) ?(?P<en_half>[ap]m)(?![a-z])",
            rf"(?<![\d.:])(?P<h>{_N}) ?(?:点钟?|时)(?![卡券数击赞开进个积儿间候限长段])"
            rf"(?:(?P<half>半)|(?P<quarter>[一三]刻)|(?P<mi>{_N})分?(?!钟)|(?P<sharp>整))?",
            rf"(?P<part>{'|'.join(part for part in PARTS if len(part) > 1 and not part.isascii())}"
            r"|[早晚](?= ?\d{1,2}[:点]))",
            r"(?P<about>大概|大约|差不多|左右|前后|约|多(?=[的买充付,。]))",
        )
    )
    + ")"
)
"""Every named group is one word of time; positions are those of the text."""
