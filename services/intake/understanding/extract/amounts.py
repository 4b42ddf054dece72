"""Sums of money, from ``¥1,280.50`` to 两百五 and 99块9."""

import re
from decimal import Decimal

from services.intake.understanding.extract.ledger import TAKEN, Ledger
from services.intake.understanding.numerals import numeral
from shared.contracts.tickets import Amount

_NUMBER = r"(?:\d{1,3}(?:,\d{3}){1,3}(?![\d,])|\d{1,9})(?:\.\d{1,4})?"
_HAN = "[一二两三四五六七八九十][零一二两三四五六七八九十百千万]{0,10}"
_UNITS = {
    "CNY": "元人民币|人民币|块钱|元|块|圆|rmb|cny|yuan",
    "USD": "美元|美金|刀|usd|dollars?|bucks",
    "HKD": "港币|港元|hkd",
    "TWD": "新台币|台币|twd",
    "JPY": "日元|jpy",
    "EUR": "欧元|eur(?:os?)?",
}
_SYMBOLS = {"¥": "CNY", "$": "USD", "us$": "USD", "hk$": "HKD", "nt$": "TWD", "€": "EUR", "£": "GBP", "rmb": "CNY"}
_UNIT = "|".join(_UNITS.values())
_PROMOTION = re.compile(rf"满 ?{_NUMBER} ?[元块]?,? ?[减送返] ?{_NUMBER} ?[元块]?")
_BY_SYMBOL = re.compile(
    rf"(?P<symbol>us\$|hk\$|nt\$|[¥$€£]|(?<![a-z])rmb) ?(?P<n>{_NUMBER}) ?(?P<scale>[万wk](?![a-z]))?"
)
_BY_UNIT = re.compile(
    rf"(?<![\d.])(?P<n>{_NUMBER}|{_HAN}) ?(?P<scale>[万wk千百])?(?P<more>[多来余])? ?(?P<unit>{_UNIT})(?![a-z])"
    r"(?:(?P<tail>\d{1,2}|[一二三四五六七八九半])(?:毛|角)?"
    r"(?! ?[折个张天月日号点次分年遍笔单级条件份套倍周位直些共起定般会样下:.\d]))?"
)
_DIMES = re.compile(rf"(?<![\d.])(?P<n>{_NUMBER}) ?(?:毛|角)")
_AFTER_VERB = re.compile(
    r"(?:花|付|扣|充|转|退|赔|收|消费|损失|骗|划|刷|标价|价格|价钱|一共|总共|合计|金额|写着|变成|支付|付款|充值|[买拍冲](?=了?[\d.]+的)|笔)"
    r"(?:了|我|掉|走|过|给我|的|是|为|:|到|去|款|值|共|计|着| ){0,3}"
    rf"(?P<n>{_NUMBER}|{_HAN}) ?(?P<scale>[万wk千](?![a-z]))?"
    r"(?![\d:./%a-zA-Z-]| ?[点月日号个张次天小分年折遍笔单位级条人家种件份套倍周礼星块元刀毛角圆万千百十多几块q时秒])"
)


def claim_amounts(ledger: Ledger) -> tuple[Amount, ...]:
    """Claim sums of money and return them in text order. Promotion terms (满100减20) are claimed but not returned."""
    found_at: dict[int, Amount] = {}
    for found in _PROMOTION.finditer(ledger.open):
        ledger.claim("promotion", *found.span())
    for pattern in (_BY_SYMBOL, _BY_UNIT, _DIMES, _AFTER_VERB):
        for found in pattern.finditer(ledger.folded):
            amount = None if TAKEN in found[0] else _amount(pattern, found)
            if amount is not None:
                start = found.start("n")
                found_at[start] = amount
                ledger.claim("amount", found.start() if pattern is not _AFTER_VERB else start, found.end())
    return tuple(found_at[start] for start in sorted(found_at))


def _amount(pattern: re.Pattern[str], found: re.Match[str]) -> Amount | None:
    groups = found.groupdict()
    written, scale = groups["n"], groups.get("scale")
    # 一块 is "together" and 一点 "a bit" far more often than a price; 十 and 百 make it one.
    if not written[0].isdigit() and len(written) == 1 and (pattern is _AFTER_VERB or _together(found)):
        return None
    value = _value(written, scale)
    if value is None or value <= 0:
        return None
    if pattern is _DIMES:
        return Amount(value=value / 10)
    if tail := groups.get("tail"):
        value += _tail(tail)
    currency = _SYMBOLS[groups["symbol"]] if groups.get("symbol") else _currency(groups.get("unit"))
    return Amount(value=value, currency=currency)


def _together(found: re.Match[str]) -> bool:
    return found["n"] == "一" and found["unit"] == "块" and not found["tail"] and not found["scale"]


def _value(written: str, scale: str | None) -> Decimal | None:
    factor = {"万": 10_000, "w": 10_000, "k": 1_000, "千": 1_000, "百": 100}.get(scale or "", 1)
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
