"""What a line of a recruiting chat may not hold: lures, fees, contacts, insults, however they are disguised. Pure.

`tidy` makes a line fit to be shown (no zalgo, no floods of emoji); `found_in` says which word stands in the way, and
why. Lines are at most TEXT_LIMIT characters, the lexicon has about a hundred words: plain search takes some 30 us a
line, so no automaton is needed (docs/decisions.md).
"""

import re
import unicodedata
from typing import Final, NamedTuple

from server.core.lexicon import LEXICON, Why

SAME_IN_A_ROW: Final = 6
"""👍👍👍👍👍👍 is applause; more of the same emoji says no more."""
PICTURES: Final = 8
"""Emoji of one line that are shown; the rest of a flood is left out."""
MARKS: Final = 2
"""Combining marks one letter may carry: Vietnamese needs two, zalgo uses dozens."""


_ORDINARY: Final = re.compile("[ -~\u4e00-\u9fff、。！（），：；？“”‘’…—]*").fullmatch
"""What nearly every line is made of: no marks, no pictures, nothing that cannot be seen or comes apart."""
_BETWEEN: Final = re.compile(r"[\W_]+").sub


class Found(NamedTuple):
    """What stands in the way. `word` is of the lexicon; empty for a number or an address, which nobody repeats."""

    word: str
    why: Why


def tidy(text: str) -> str:
    """The line as it is shown: marks and emoji beyond measure are left out. Letters and digits stand as they were
    typed, however often: a zero less is another number. Never longer, never refused."""
    if _ORDINARY(text):
        return text.strip()
    kept: list[str] = []
    marks = pictures = same = 0
    for char in text.strip():
        kind = unicodedata.category(char)
        if kind in ("Mn", "Me"):
            marks += 1
            if marks > MARKS or not kept or kept[-1].isspace():
                continue
        elif _is_picture(char, kind):
            same = same + 1 if kept and _last_base(kept) == char else 1
            if same > SAME_IN_A_ROW or pictures == PICTURES:
                marks = MARKS  # those of a picture that is left out go with it
                continue
            pictures += 1
            marks = 0
        else:
            marks = 0
        kept.append(char)
    return "".join(kept).strip()


def found_in(text: str) -> Found | None:
    """The first thing in the line that may not be said here; `None` when it may be passed on."""
    plain = _plain(text)
    bare = _bare(plain)
    if _has_number(bare) or _has_address(plain) or _has_account(plain):
        return Found("", Why.CONTACT)
    asked = is_asked_or_warned(bare, text)
    for word in LEXICON:
        if word.text in bare and not (word.askable and asked):
            return Found(word.text, word.why)
    return None


def found_said(said: str, shown: str) -> Found | None:
    """The same of a line as it was said and as it will be shown: emoji that `tidy` leaves out may have stood within a
    word, or have been one."""
    return found_in(shown) or (found_in(said) if said != shown else None)


# ---- disguises -------------------------------------------------------------------------------------------------------

_DIGITS: Final = str.maketrans("零〇一二三四五六七八九壹贰叁肆伍陆柒捌玖幺洞拐勾", "001234567891234567891079")
_ENDINGS: Final = "(?:com|cn|net|top|xyz|cc|vip|shop|site|info|link|app|club|me)(?![a-z])"
_DOTS: Final = re.compile(rf"\s*(?:[.。·•]|点|dot)\s*(?={_ENDINGS})")


def _plain(text: str) -> str:
    """Full-width, circled and other letters in dress as themselves, without marks and what cannot be seen."""
    if _ORDINARY(text):
        return unicodedata.normalize("NFKC", text).casefold()
    folded = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(c for c in folded if unicodedata.category(c) not in ("Mn", "Me", "Cf", "Cc", "Co", "Cs"))


def _bare(plain: str) -> str:
    """Letters and digits alone: what was set between them to disguise a word is gone."""
    return _BETWEEN("", plain)


def _last_base(kept: list[str]) -> str:
    for char in reversed(kept):
        if unicodedata.category(char) not in ("Mn", "Me"):
            return char
    return ""


def _is_picture(char: str, kind: str) -> bool:
    """No unit (℃, ㎡) and no letter in a circle: those are part of what is said."""
    code = ord(char)
    return (kind == "So" and (0x2190 <= code < 0x2400 or 0x2500 <= code < 0x2C00)) or 0x1F000 <= code <= 0x1FAFF


# ---- contacts --------------------------------------------------------------------------------------------------------

_MOBILE: Final = re.compile(r"(?<!\d)(?:86|0086)?1[3-9]\d{9}(?!\d)")
_LANDLINE: Final = re.compile(r"(?<!\d)0[1-9]\d{1,2}[2-9]\d{6,7}(?!\d)|(?<!\d)400\d{7}(?!\d)")
_ADDRESS: Final = re.compile(rf"https?:|www\.|[a-z0-9][a-z0-9-]*\.{_ENDINGS}|[a-z0-9._-]+@[a-z0-9-]+")
_ACCOUNT: Final = re.compile(
    r"(?:微信|薇信|威信|徽信|微x|v信|vx|wx|weixin|wechat|卫星|薇)(?:号|id|是|为|[\s:：+=_-])*[a-z][a-z0-9_-]{4,19}"
    r"|(?:qq|扣扣|企鹅|q号)(?:号|群|是|为|[\s:：+=_-])*[1-9][0-9\s-]{4,12}"
)


def _has_number(bare: str) -> bool:
    """A phone number: a run of eleven digits, or that of a landline, whatever stood between them."""
    digits = bare.translate(_DIGITS)
    return bool(_MOBILE.search(digits) or _LANDLINE.search(digits))


def _has_address(plain: str) -> bool:
    return bool(_ADDRESS.search(_DOTS.sub(".", plain)))


def _has_account(plain: str) -> bool:
    return bool(_ACCOUNT.search(plain.translate(_DIGITS)) or _ACCOUNT.search(plain))


# ---- asked about -----------------------------------------------------------------------------------------------------

_ASKED: Final = re.compile(r"吗|么|嘛|呢|是不是|有没有|要不要|用不用|会不会|算不算|是否|多少|几|哪|怎么|为什么|什么")
_WARNED: Final = re.compile(r"不收|不要交|不交|不用交|别交|没有收|免|拒绝|小心|当心|骗|违法|举报|投诉|退")


def is_asked_or_warned(bare: str, text: str) -> bool:
    """Whether a line asks about something or warns of it, instead of offering it."""
    return text.rstrip().endswith(("?", "？")) or bool(_ASKED.search(bare) or _WARNED.search(bare))
