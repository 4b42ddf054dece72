"""Sums of money, from ``¥1,280.50`` to 两百五 and 99块9."""

import re
from decimal import Decimal
from itertools import islice

from services.intake.understanding.extract.claimed_spans import MOST_CLAIMED, TAKEN, ClaimedSpans
from services.intake.understanding.numerals import numeral
from shared.contracts.tickets import Amount

_NUMBER = r"(?:\d{1,3}(?:,\d{3}){1,3}(?![\d,])|\d{1,9})(?:\.\d{1,4})?"
_DIGIT = "一二两三四五六七八九壹贰叁肆伍陆柒捌玖"
_HAN = f"[{_DIGIT}十拾][零{_DIGIT}十百千万拾佰仟亿]{{0,14}}"
_UNITS = {
    "CNY": "元人民币|人民币|块钱|元整?(?!宝)|块|圆整?|rmb|cny|yuan",
    "USD": "美元|美金|刀|usd|dollars?|bucks",
    "USDT": "usdt|泰达币",
    "HKD": "港币|港元|hkd",
    "TWD": "新台币|台币|twd",
    "JPY": "日元|jpy",
    "KRW": "韩元|韩币|krw",
    "EUR": "欧元|eur(?:os?)?",
    "GBP": "英镑|gbp",
}
_SYMBOLS = {
    "¥": "CNY", "$": "USD", "us$": "USD", "hk$": "HKD", "nt$": "TWD", "€": "EUR", "£": "GBP", "人民币": "CNY",
    **{code: code.upper() for code in ("cny", "usd", "usdt", "hkd", "twd", "jpy", "eur", "gbp")}, "rmb": "CNY",
}  # fmt: skip
_UNIT = "|".join(_UNITS.values())
_SCALE = r"(?P<scale>[万wk](?![a-z]))"
# 13万2 is 132,000 and 1万5千 15,000: what follows the ten thousands without a unit is thousands.
_ODD = rf"(?: ?(?P<odd>\d{{1,4}}|[{_DIGIT}])(?P<odd_unit>[千百])?(?![\d.]))?"
_SCALED = rf"(?: ?(?P<scale>[万wk千百])(?:(?<=[万千wk]){_ODD})?)?"
_FACTORS = {"万": 10_000, "w": 10_000, "k": 1_000, "千": 1_000, "百": 100}
_PROMOTION = re.compile(rf"满 ?{_NUMBER} ?[元块]?,? ?[减送返] ?{_NUMBER} ?[元块]?")
_BY_SYMBOL = re.compile(
    rf"(?P<symbol>us\$|hk\$|nt\$|[¥$€£]|人民币|(?<![a-z])(?:rmb|cny|usdt?|hkd|twd|jpy|eur|gbp)) ?:?"
    rf"(?P<n>{_NUMBER}|{_HAN}(?=[元圆块])) ?{_SCALE}?(?: ?[元圆块]整?)?"
)
_BY_UNIT = re.compile(
    rf"(?<![\d.])(?:(?P<low>{_NUMBER}) ?(?:-|~|到|至) ?)?(?P<n>{_NUMBER}|{_HAN}){_SCALED}(?P<more>[多来余])? ?"
    rf"(?P<unit>{_UNIT})(?![a-z])"
    rf"(?:(?P<cents_only>\d|[{_DIGIT}])分(?![钟之数])"
    rf"|(?P<tail>\d{{1,2}}|[{_DIGIT}半])(?:(?:毛|角)(?:(?P<cents>\d|[{_DIGIT}])分?(?![钟\d]))?)?"
    r"(?! ?[折个张天月日号点次分年遍笔单级条件份套倍周位直些共起定般会样下:.\d]))?"
)
_DIMES = re.compile(
    rf"(?<![\d.])(?P<n>{_NUMBER}|[{_DIGIT}]) ?(?:毛|角)(?:(?P<cents>\d|[{_DIGIT}])分?(?![钟\d]))?(?![色落逐度])"
)
_AFTER_VERB = re.compile(
    r"(?:花|付|亏|欠|扣|充|转|退|赔|收|消费|损失|骗|划|刷|标价|价格|价钱|一共|总共|合计|金额|写着|变成|支付|付款|充值|[买拍冲](?=了?[\d.]+的)|笔)"
    r"(?:了|我|掉|走|过|给我|的|是|为|:|到|去|款|值|共|计|着| ){0,3}"
    rf"(?P<n>{_NUMBER}|{_HAN}){_SCALED}(?:(?<=[百千万\d])[多余](?![个张次天年月分点小块元]))?"
    r"(?![\d:./%a-zA-Z-]| ?[点月日号个张次天小分年折遍笔单位级条人家种件份套倍周礼星块元刀毛角圆万千百十多几余来q时秒"
    "钻币金结魔代勾水积流兆颗枚皮盒箱部台]"
    "| ?(?:体力|经验|荣誉|红包|优惠|点券|皮肤|卡|群|区|楼|室))"
)


def claim_amounts(spans: ClaimedSpans) -> tuple[Amount, ...]:
    """Claim sums of money and return them in text order. Promotion terms (满100减20) are claimed but not returned."""
    found_at: dict[int, Amount] = {}
    for found in islice(_PROMOTION.finditer(spans.open), MOST_CLAIMED):
        spans.claim("promotion", *found.span())
    for pattern in (_BY_SYMBOL, _BY_UNIT, _DIMES, _AFTER_VERB):
        for found in pattern.finditer(spans.folded):
            amount = None if TAKEN in found[0] else _amount(pattern, found)
            if amount is not None:
                start = found.start("n")
                found_at[start] = amount
                if low := found.groupdict().get("low"):
                    found_at[found.start("low")] = amount.model_copy(update={"value": Decimal(low.replace(",", ""))})
                spans.claim("amount", found.start() if pattern is not _AFTER_VERB else start, found.end())
                if len(found_at) >= MOST_CLAIMED:
                    break
    return tuple(found_at[start] for start in sorted(found_at))


def _amount(pattern: re.Pattern[str], found: re.Match[str]) -> Amount | None:
    groups = found.groupdict()
    written, scale = groups["n"], groups.get("scale")
    # 一块 is "together" and 一点 "a bit" far more often than a price; 十 and 百 make it one.
    if not written[0].isdigit() and len(written) == 1 and (pattern is _AFTER_VERB or _together(groups)):
        return None
    value = _value(written, scale)
    if value is None or value <= 0:
        return None
    cents = Decimal(numeral(groups.get("cents") or groups.get("cents_only") or "0") or 0) / 100
    if pattern is _DIMES:
        return Amount(value=value / 10 + cents)
    if odd := groups.get("odd"):
        value += _odd(odd, groups.get("odd_unit"), scale)
    if tail := groups.get("tail"):
        value += _tail(tail)
    currency = _SYMBOLS[groups["symbol"]] if groups.get("symbol") else _currency(groups.get("unit"))
    return Amount(value=value + cents, currency=currency)


def _odd(odd: str, unit: str | None, scale: str | None) -> Decimal:
    """What follows 万 or 千: 2千 as it says, a lone digit one unit lower, else as it is written (1万2000)."""
    count = numeral(odd) or 0
    if unit:
        return Decimal(count * _FACTORS[unit])
    return Decimal(count * _FACTORS[scale or "千"] // 10 if len(odd) == 1 else count)


def _together(groups: dict[str, str | None]) -> bool:
    """一块玩, 冰山一角."""
    said_more = any(groups.get(name) for name in ("tail", "scale", "cents", "cents_only"))
    return groups["n"] == "一" and groups.get("unit", "块") == "块" and not said_more


def _value(written: str, scale: str | None) -> Decimal | None:
    factor = _FACTORS.get(scale or "", 1)
    if written[0].isdigit():
        value = Decimal(written.replace(",", "")) * factor
        return Decimal(int(value)) if value == int(value) and factor > 1 else value
    whole = numeral(written)
    return None if whole is None else Decimal(whole * factor)


def _tail(tail: str) -> Decimal:
    """What follows 块: one digit is dimes (99块9), two are cents (99块90), 半 is half."""
    if tail == "半":
        return Decimal("0.5")
    digits = numeral(tail)
    return Decimal(digits or 0) / (100 if len(tail) == 2 else 10)


def _currency(unit: str | None) -> str:
    for currency, units in _UNITS.items():
        if unit and re.fullmatch(units, unit):
            return currency
    return "CNY"
