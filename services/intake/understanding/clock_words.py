"""The words of time, as one pattern: dates, days, parts of the day, clocks, and how long ago."""

import re

from services.intake.understanding.feasts import NAMES

_H = "[零一二两三四五六七八九十]{1,3}"
_N = rf"(?:\d{{1,2}}|{_H})"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTHS = {name: index for index, name in enumerate(_MONTHS, 1)}
DAYS_BACK = {
    "大前天": 3, "前天": 2, "前晚": 2, "昨天": 1, "昨日": 1, "昨儿": 1, "昨晚": 1, "昨夜": 1, "今天": 0, "今日": 0,
    "今儿": 0, "今早": 0, "今晨": 0, "今晚": 0, "yesterday": 1, "last night": 1, "today": 0, "this morning": 0,
    "tonight": 0, "明天": -1, "明日": -1, "明儿": -1, "明早": -1, "明晚": -1, "大后天": -3, "后天": -2, "tomorrow": -1,
}  # fmt: skip
EVENING_DAYS = {"前晚", "昨晚", "昨夜", "今晚", "last night", "tonight", "明晚"}
MORNING_DAYS = {"今早", "今晨", "this morning", "明早"}
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

YEARS_BACK = {"大前年": 3, "前年": 2, "去年": 1, "上一年": 1, "今年": 0, "本年": 0, "明年": -1, "后年": -2}
WEEKS_BACK = {"上上": 2, "上": 1, "这": 0, "本": 0, "下": -1, "下下": -2}
MONTHS_BACK = {"上": 1, "这": 0, "本": 0, "下": -1}
DAYS_ON = {"第二天": 1, "次日": 1, "隔天": 1, "翌日": 1, "第三天": 2}
EVENING_OF_THAT_DAY = {"那晚", "当晚"}

_SHORT_FEASTS = ("十一", "五一", "六一", "618", "520")
_FEASTS = "|".join(sorted((name for name in NAMES if name not in _SHORT_FEASTS), key=len, reverse=True))
_IS_A_DAY = "那一?天|当天|当日|当晚|那晚|晚上|凌晨|零点|早上|上午|下午|中午|[买充付订]的|的时候"
_NOT_THE_DAY = "快乐|礼|皮肤|限定|卡|版|限时|套装|红包|特惠|活动|老人|树|帽|服"
# Words for a day or a time nobody can put into a calendar: a clock beside one is on no day we know.
_VAGUE = (
    "(?:去年|前年|上个?月|上周)的?(?:今天|今日|这个?时候|这一?天|同一天|今晚)",
    rf"(?:{_FEASTS}|十一|五一|六一)节?(?:假期?|期间|长假|黄金周|之?前|之?后|前夕|前一天|第二天|收假|放假)",
    "(?:周年庆|生日|活动|考试|开学|开服|开业|店庆|发工资|出差|维护|更新|七夕|重阳|腊八)节?"
    "(?:那一?天|当天|当日|那晚|当晚|期间)",
    "七夕|重阳节?|腊八",
    "第[一二三四五]个(?:周|星期|礼拜)[一二三四五六日天末]",
    rf"(?:上个?月|上月|这个?月|本月|下个?月|下月|年|{_N} ?月)(?:底|初(?!一)|中旬|上旬|下旬|末)|月[底初末]",
    "(?:上上|上|这|本|下下|下)个?(?:周|星期|礼拜)末?|周末(?!卡)|(?:上|这|下)个月|[上本下]月",
    "那年|当年|前几[天年日]|前两天|前些天|这几天|这两天|过几天|过两天|某一?天|有一天|哪天|改天|每[天日周月晚年]",
    "(?:last|next|this) (?:week|month|year|weekend)|the other day|every (?:day|week|month)|some day",
)
_NOT_A_CLOCK = (
    "[卡券数击赞进个积儿间候限长段钻币金血]|体力|能量|技能|经验|活跃|荣誉|贡献|伤害|意思|问题|建议"
    "|开(?![抢始服团播售放业])"
)
_MINUTE = r"\d{1,2}|零?[一二三四五六七八九](?=分)|零[一二三四五六七八九]|[一二三四五]?十[一二三四五六七八九]?"
_PART = "|".join(part for part in PARTS if len(part) > 1 and not part.isascii())

_STARTS = (
    r"(?=[\djfmasondylte月"
    "零一二两三四五六七八九十半几今昨前大当刚这上本周星礼凌清早中正午下傍晚夜深约差左"
    "多明后去那每元情妇女愚劳青儿建教国万光双平圣跨端除年春母父重腊生活考开店发出维更"
    "有某哪改过次隔翌第])"
)
WORDS = re.compile(
    _STARTS
    + "(?:"
    + "|".join(
        (
            r"(?P<iso>20\d\d-\d\d-\d\d[t ]\d\d:\d\d(?::\d\d)?(?:\.\d{1,6})?(?:z|[+-]\d\d:?\d\d))",
            r"(?P<year>20\d\d) ?[-/.年] ?(?P<month>\d{1,2}) ?[-/.月] ?(?P<day>\d\d?)(?:[日号]|(?!\d{3}))t?",
            r"(?<!\d)(?P<compact>20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))(?!\d)",
            rf"(?<![\d.])(?P<ago>半|几|\d{{1,3}}(?:\.\d{{1,2}})?|{_H}点{_H}|[一二两三四五六七八九]?十?几|{_H})(?: ?个)?"
            r"(?P<ago_more>多)?(?P<ago_half>半)?(?P<ago_odd>多)? ?(?P<ago_unit>分钟|小时|钟头|天|日|周|星期|礼拜|月)"
            r"(?:零?(?P<ago_minutes>\d{1,2})分钟?)?(?P<ago_about>多|左右)?(?:之前|以前|前)",
            r"(?<![a-z])(?P<en_ago>\d{1,3}(?:\.\d)?|an?|one|two|three|half an) "
            r"(?P<en_unit>minute|min|hour|day|week)s? ago",
            # A span is no moment, a decimal no clock: 一点五个小时, 1.5小时, 九点九元.
            rf"(?<![\d.])(?P<span>(?:\d{{1,4}}(?:\.\d{{1,2}})?|{_H}点{_H})(?: ?个)?半?多? ?"
            rf"(?:分钟|小时|钟头|天|个月|星期|礼拜)(?!前)"
            rf"|{_H}点{_H}(?= ?[元块折倍万亿%]))",
            r"(?P<now>刚才|刚刚|just now)",
            rf"(?P<months>上|这|本|下)个?月的?(?P<that_day>{_N})[日号]",
            r"(?:(?P<week>上上|上|这|本|下下|下)个?(?:周|星期|礼拜)?的?|(?<![每一两三四五六七八九十几半\d]))"
            r"(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天])",
            rf"(?P<vague>{'|'.join(_VAGUE)})",
            rf"(?<!\d)(?P<in_year>{'|'.join(YEARS_BACK)}|(?:20)?[12]\d年|二零[零一二三四五六七八九]{{2}}年)",
            rf"(?<![\d.])(?P<m>{_N}) ?月 ?(?P<d>{_N})(?: ?[日号]|(?! ?[\d个日号张]))",
            rf"(?P<feast>{_FEASTS})节?+(?!{_NOT_THE_DAY})",
            rf"(?<![零一二三四五六七八九十百千\d.])(?P<short_feast>{'|'.join(_SHORT_FEASTS)})节?+"
            rf"(?={_IS_A_DAY}| ?\d{{1,2}}[:点])",
            rf"(?<![a-z])(?P<en_month>{'|'.join(_MONTHS)})[a-z]{{0,6}}\.? (?P<en_day>\d{{1,2}})"
            r"(?:st|nd|rd|th)?(?![\d:])",
            # 12.5 before 充 is a price; before a clock, or with two digits before 买的, it is a day.
            r"(?<![\d.:/-])(?P<sm>\d{1,2})(?:/|-|(?P<dot>\.))(?P<sd>\d{1,2})"
            r"(?= ?(?:\d{1,2}(?::\d|[点时])|凌晨|早|上午|中午|下午|晚"
            r"|日(?!卡|常)|号|那天|当天|\(?(?:周|星期|礼拜))"
            r"|(?(dot)(?<=\.\d\d) ?(?:买|充|付|下单)的| ?(?:买|充|付|下单)))[日号]?",
            rf"(?<![\d月号第.:-])(?P<only_day>{_N})[日号](?![线码店楼机卡角称位])",
            rf"(?P<relative>{'|'.join(DAYS_BACK)})(?<!以后天|之后天|然后天|最后天|售后天)(?!方舟|之后|头条|重现)",
            rf"(?P<that>那一?天|当天|当日|那晚|当晚|{'|'.join(DAYS_ON)})",
            r"(?:(?<![\d.:])|(?<=20\d\d-\d\d-\d\d))(?P<hour>\d{1,2}):(?P<minute>\d\d)"
            r"(?::(?P<second>\d\d))?(?![\d:])(?: ?(?P<half_day>[ap]m))?",
            r"(?<![\d.:])(?P<en_hour>\d{1,2}) ?(?P<en_half>[ap]m)(?![a-z])",
            rf"(?<![\d.:])(?P<h>{_N}) ?(?:点钟?|时)(?!{_NOT_A_CLOCK})"
            # 过 belongs to a clock only before 刻 and 分: 两点过五分, and not 三点过十分钟 or 八点过了
            rf"(?:过(?=(?:{_N}|零{_H})[刻分](?!钟)))?(?:(?P<half>半)|(?P<quarter>[一二三1-3])刻|(?P<mi>{_MINUTE})(?!分钟)分?|(?P<sharp>整))?",
            rf"(?P<part>{_PART}|[早晚](?= ?\d{{1,2}}[:点]))",
            r"(?P<about>大概|大约|差不多|左右|前后|约|多(?=[的买充付,。]))",
        )
    )
    + ")"
)
"""Every named group is one word of time; positions are those of the text."""
