"""Numbers written in Chinese: 两百五 is 250, 伍仟 5,000."""

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_UNITS = {"十": 10, "百": 100, "千": 1_000}
_CHEQUE = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟", "一二三四五六七八九十百千")
"""Numerals of cheques, which nobody can alter: 伍仟元整."""


def numeral(text: str) -> int | None:
    """The value of a Chinese or ASCII whole number, colloquial last digit included; None when it is not one."""
    if text.isascii():
        return int(text) if text.isdecimal() else None
    text = text.translate(_CHEQUE)
    total = section = 0
    digit: int | None = None
    last_unit = 1
    for char in text:
        if char in _DIGITS:
            if digit:
                return None
            digit = _DIGITS[char]
            last_unit = 1 if digit == 0 else last_unit
        elif char in _UNITS:
            last_unit = _UNITS[char]
            section += (1 if digit is None else digit) * last_unit
            digit = None
        elif char == "万":
            last_unit = 10_000
            total += (section + (digit or 0) or 1) * last_unit
            section, digit = 0, None
        else:
            return None
    # 两百五 drops the last unit: 250, not 205 (which is 两百零五).
    colloquial = last_unit // 10 if last_unit >= 100 else 1
    return total + section + (digit or 0) * colloquial
