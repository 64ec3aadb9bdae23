"""What people write into the cells of a job list: pay, base pay, openings, dates, codes.

Pure. Each reader takes one cell as it stands and gives a value or the reason why there is none; none of them raises,
whatever the cell holds, and none guesses: what could mean two things is unreadable.
"""

import calendar
import math
import re
import unicodedata
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Final

import msgspec

from server.core import uscc
from server.core.model import PayUnit

Cell = str | int | float | bool | date | None
"""A cell as a workbook reader gives it; `datetime` is a `date`."""


class Why(StrEnum):
    """Why a row is not simply imported. A closed list: each value has its sentence in the locales."""

    FIRM_MISSING = "firm_missing"
    TITLE_MISSING = "title_missing"
    DUPLICATE = "duplicate"
    USCC_INVALID = "uscc_invalid"
    PAY_MISSING = "pay_missing"
    PAY_NEGOTIABLE = "pay_negotiable"
    PAY_UNREADABLE = "pay_unreadable"
    PAY_UNLIKELY = "pay_unlikely"
    BASE_MISSING = "base_missing"
    BASE_UNREADABLE = "base_unreadable"
    BASE_ABOVE_PAY = "base_above_pay"
    OPENINGS_MISSING = "openings_missing"
    OPENINGS_UNREADABLE = "openings_unreadable"
    PLACE_MISSING = "place_missing"
    PLACE_UNKNOWN = "place_unknown"
    PLACE_AMBIGUOUS = "place_ambiguous"
    PLACE_TOO_WIDE = "place_too_wide"
    PLACE_OUTSIDE = "place_outside"
    VALID_UNTIL_MISSING = "valid_until_missing"
    VALID_UNTIL_UNREADABLE = "valid_until_unreadable"
    EXPIRED = "expired"
    TEXT_TOO_LONG = "text_too_long"
    CONTACT = "contact"
    FEE = "fee"
    SEX_AND_AGE = "sex_and_age"


class Pay(msgspec.Struct, frozen=True):
    """综合 pay: yuan per month, or per hour where `unit` says so. `max_yuan` is `None` for 5000以上."""

    min_yuan: int | None = None
    max_yuan: int | None = None
    unit: PayUnit = PayUnit.MONTH
    why: Why | None = None


LONGEST_CELL: Final = 60
"""Characters of a cell that can still be one figure or one date."""
MONTH_YUAN: Final = (500, 200_000)
HOUR_YUAN: Final = (5, 1_000)
"""Outside of these a figure is a slip: 46-60 for 4.6-6.0千, or a thousand too much."""
MOST_OPENINGS: Final = 5_000

_REMEMBERED: Final = 20_000
"""Texts whose reading is remembered; of ordinary length some 10 MB."""
_NARROW: Final = {
    code: unicodedata.normalize("NFKC", chr(code)) for code in range(ord("０"), ord("ｚ") + 1) if chr(code).isalnum()
}
"""Full-width digits and letters; the brackets, colons and commas of Chinese text stay as they are."""

_EMPTY: Final = frozenset({"", "/", "\\", "-", "--", "—", "——", "无", "暂无", "n/a", "none", "null"})
_DASHES: Final = re.compile(r"[‐‑‒–—―─━－~～∼〜至到-]+")
_NUMBER: Final = r"([0-9]{1,9}(?:\.[0-9]{1,4})?)(k|千|万|w)?元?(?:/月)?"
_FIGURES: Final = re.compile(rf"{_NUMBER}(?:-{_NUMBER})?")
_SCALE: Final = {"": 1, "k": 1_000, "千": 1_000, "万": 10_000, "w": 10_000}
_PAY_WORDS: Final = re.compile(
    r"(?:人民币|rmb|¥|元|月薪|月工资|月收入|年薪|时薪|综合|工资|薪资|薪酬|税前|税后|到手|基本|底薪|保底|约|左右|计件|计时|"
    r"面议|每月|每小时|每年|每|/|小时|时|年|月|h|起|以上|及以上|以下|以内|最高|封顶|\+|加|提成|奖金|绩效|补助|补贴|,|、|:|\(|\)|;|。)*"
)
_OPEN_TOP: Final = re.compile(r"以上|起|\+|加|提成|奖金|绩效|补助|补贴|保底|底薪")
_OPEN_BOTTOM: Final = re.compile(r"以下|以内|最高|封顶")
_OPENINGS: Final = re.compile(r"(?:约|各|招|招聘|共)*([0-9]{1,6})(?:-([0-9]{1,6}))?(?:人|名|个|位)?(?:左右|以上)?")
_CHINESE: Final = re.compile(r"([一二两三四五六七八九])?(十)?([一二三四五六七八九])?(?:人|名|个|位)?")
_DIGIT: Final = {character: digit for digit, character in enumerate("零一二三四五六七八九")} | {"两": 2}
_DAY: Final = re.compile(r"(20[0-9]{2})[-/.年]([0-9]{1,2})(?:[-/.月]([0-9]{1,2})?日?号?)?(?:[ t]?[0-9:.]+)?(?:止|前)?")
_COMPACT_DAY: Final = re.compile(r"(20[0-9]{2})([0-9]{2})([0-9]{2})")
_SERIALS: Final = (36_526, 73_050)
"""Day numbers of 2000-01-01 and 2099-12-31 as Excel counts them; other plain numbers are no dates."""
_SERIAL_ZERO: Final = date(1899, 12, 30)
_SERIAL_ZERO_1904: Final = date(1904, 1, 1)


def shown(cell: Cell) -> str:
    """The cell as text for people: full-width digits and letters narrowed, blanks joined, control characters gone."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float):
        return str(int(cell)) if math.isfinite(cell) and cell.is_integer() else str(cell)
    return _shown(cell) if isinstance(cell, str) else str(cell)


# A job list says the same words again and again, and each cell is looked at from several sides.
@lru_cache(maxsize=_REMEMBERED)
def _shown(text: str) -> str:
    narrow = text.translate(_NARROW)
    if not narrow.isprintable():
        narrow = "".join(character if character.isprintable() else " " for character in narrow)
    return " ".join(narrow.split())


def plain(cell: Cell) -> str:
    """The cell for comparing and reading: NFKC, lower case, no blanks, one kind of dash. Empty for 无, `/`, `#N/A`."""
    return "" if cell is None else _plain(cell if isinstance(cell, str) else shown(cell))


@lru_cache(maxsize=_REMEMBERED)
def _plain(text: str) -> str:
    text = "".join(unicodedata.normalize("NFKC", _shown(text)).lower().split())
    if text in _EMPTY or text.startswith("#"):
        return ""
    return _DASHES.sub("-", text)


def read_pay(cell: Cell) -> Pay:
    """综合 pay of a cell: 4000-6000, 4K-6K, 0.6-0.9万, 5000以上, 月薪5500, 25元/小时, 面议."""
    text = plain(cell)
    if not text:
        return Pay(why=Why.PAY_MISSING)
    if isinstance(cell, bool | date) or len(text) > LONGEST_CELL:
        return Pay(why=Why.PAY_UNREADABLE)
    unit = _unit_of(text)
    text = re.sub(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))", "", text)
    found = _FIGURES.search(text)
    if found is None:
        vague = any(word in text for word in ("面议", "面谈", "面洽", "电议", "详谈", "协商", "另议"))
        return Pay(unit=unit, why=Why.PAY_NEGOTIABLE if vague else Why.PAY_UNREADABLE)
    rest = text[: found.start()] + text[found.end() :]
    if not _PAY_WORDS.fullmatch(rest):
        return Pay(unit=unit, why=Why.PAY_UNREADABLE)
    low, high = _figures(found)
    if "年" in rest:
        low, high = low // 12, high // 12 if high is not None else None
    return _band(low, high, rest, unit)


def _unit_of(text: str) -> PayUnit:
    if "小时" in text or "时薪" in text or "/时" in text or "/h" in text:
        return PayUnit.HOUR
    return PayUnit.PIECE if "计件" in text else PayUnit.MONTH


def _figures(found: re.Match[str]) -> tuple[int, int | None]:
    """Both figures in yuan; the second's scale goes for the first as well where that is a small number: 4-6K."""
    first, first_scale, second, second_scale = found.groups()
    if not first_scale and second_scale and Decimal(first) < 100:
        first_scale = second_scale
    return _yuan(first, first_scale), _yuan(second, second_scale) if second is not None else None


def _yuan(number: str, scale: str | None) -> int:
    return int((Decimal(number) * _SCALE[scale or ""]).quantize(Decimal(1), ROUND_HALF_UP))


def _band(low: int, high: int | None, rest: str, unit: PayUnit) -> Pay:
    least, most = HOUR_YUAN if unit is PayUnit.HOUR else MONTH_YUAN
    if not least <= low <= most or (high is not None and not low <= high <= most):
        return Pay(unit=unit, why=Why.PAY_UNLIKELY)
    if high is not None:
        return Pay(low, high, unit)
    if _OPEN_BOTTOM.search(rest):
        return Pay(None, low, unit)
    return Pay(low, None if _OPEN_TOP.search(rest) else low, unit)


def read_base(cell: Cell) -> tuple[int | None, Why | None]:
    """底薪 in yuan a month; of a range the lower end, which is what a worker can count on."""
    text = plain(cell)
    if text in ("", "0", "0元"):
        return None, Why.BASE_MISSING
    pay = read_pay(cell)
    if pay.min_yuan is None or pay.unit is PayUnit.HOUR:
        return None, Why.BASE_UNREADABLE
    return pay.min_yuan, None


def read_openings(cell: Cell) -> tuple[int | None, Why | None]:
    """招聘人数; of a range the lower end, so that no more is promised than is sure. 若干 is not a number."""
    text = plain(cell)
    if not text:
        return None, Why.OPENINGS_MISSING
    if isinstance(cell, bool | date) or len(text) > LONGEST_CELL:
        return None, Why.OPENINGS_UNREADABLE
    found = _OPENINGS.fullmatch(text)
    if found is not None:
        number = int(found[1])
        if found[2] is not None and int(found[2]) < number:
            return None, Why.OPENINGS_UNREADABLE
    else:
        number = _chinese_number(text)
    return (number, None) if 1 <= number <= MOST_OPENINGS else (None, Why.OPENINGS_UNREADABLE)


def _chinese_number(text: str) -> int:
    """一 to 九十九, with or without 人; 0 for anything else."""
    found = _CHINESE.fullmatch(text)
    if found is None or (found[1] and found[3] and not found[2]):
        return 0
    if found[2]:
        return 10 * _DIGIT[found[1] or "一"] + _DIGIT[found[3] or "零"]
    return _DIGIT[found[1] or found[3] or "零"]


def read_date(cell: Cell, *, since_1904: bool = False) -> tuple[str, Why | None]:
    """有效期至 as ISO 8601: a date cell, 2027-03-31, 2027.1.15, 2027年6月30日, 2027年6月 (its last day), 20270331, or
    a serial (46387). `since_1904` is the workbook's own setting for how serials are counted."""
    if isinstance(cell, datetime):
        return cell.date().isoformat(), None
    if isinstance(cell, date):
        return cell.isoformat(), None
    text = plain(cell)
    if not text:
        return "", Why.VALID_UNTIL_MISSING
    if not isinstance(cell, bool) and len(text) <= LONGEST_CELL:
        # As a number, 2027.1 may have been 2027.1 or 2027.10.
        written = None if isinstance(cell, float) else _written_day(text)
        day = _serial_day(text, since_1904) or written
        if day is not None:
            return day.isoformat(), None
    return "", Why.VALID_UNTIL_UNREADABLE


def _serial_day(text: str, since_1904: bool) -> date | None:
    if not re.fullmatch(r"[0-9]{5}(?:\.[0-9]+)?", text):
        return None
    zero = _SERIAL_ZERO_1904 if since_1904 else _SERIAL_ZERO
    shift = (_SERIAL_ZERO_1904 - _SERIAL_ZERO).days if since_1904 else 0
    serial = int(text[:5])
    if not _SERIALS[0] <= serial + shift <= _SERIALS[1]:
        return None
    return zero + timedelta(days=serial)


def _written_day(text: str) -> date | None:
    found = _COMPACT_DAY.fullmatch(text) or _DAY.fullmatch(text)
    if found is None:
        return None
    year, month = int(found[1]), int(found[2])
    if not 1 <= month <= 12:
        return None
    last = calendar.monthrange(year, month)[1]
    day = int(found[3]) if found[3] is not None else last
    return date(year, month, day) if 1 <= day <= last else None


def read_uscc(cell: Cell) -> tuple[str, Why | None]:
    """统一社会信用代码 with its check character verified; empty without a reason where the cell is empty."""
    code = plain(cell).upper()
    if not code:
        return "", None
    return (code, None) if uscc.is_valid(code) else ("", Why.USCC_INVALID)
