"""What a position may not say: limits of sex and age, fees from workers, contacts that lead off the platform.

Pure. Sex and age may be read and shown to a reviewer but are never published (网络招聘服务管理规定, 人社部令44号);
nobody may take a deposit or any fee from a worker (同上; 劳动合同法 Art. 9).
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

_REMEMBERED: Final = 10_000
"""Texts whose judgement is remembered: lists repeat themselves."""

_CLAUSE: Final = re.compile(r"[,，。;；、!！\n]")
_NO_LIMIT: Final = re.compile(
    r"(?:性别|年龄|男女|男、女|男/女|性别年龄|年龄性别|男女年龄)(?:均)?不限|不限(?:制)?(?:性别|年龄|男女)+|男女(?:均可|都可|皆可|都行|都要|兼收)|男女老少"
)
_SEX: Final = re.compile(
    r"限男|限女|(?<![子妇儿孙美父母])[男女](?!装|鞋|裤|袜|衣|款|包|表|宿舍|寝|厕|浴|更衣|式|女|男|神|儿|友|方)"
)
_AGE_TOP: Final = re.compile(
    r"[1-9][0-9](?:周)?岁?(?:及)?(?:以下|以内|之内|之下|内)|(?:不超过|不大于|小于|低于)[1-9][0-9](?:周)?岁"
)
_AGE_SPAN: Final = re.compile(r"[1-9][0-9](?:周)?岁?[-~—–至到][1-9][0-9](?:周)?岁")
_AGE_WORD: Final = re.compile(r"(?:周)?岁|年龄")
_AGE_FLOOR: Final = re.compile(r"([1-9][0-9])(?:周)?岁?(?:及)?以上")
_GENERATION: Final = re.compile(r"[6-9]0后|0[05]后")
_FEE: Final = re.compile(
    r"押金|保证金|风险金|(?:服装|工装|工服|培训|体检|报名|中介|介绍|资料|办证|入职|住宿保证|管理|建档|岗位|信息|手续|押证)费|"
    r"(?:交|收|缴|预付|垫付)[^,，。;；不]{0,4}[0-9]+元|先交钱|交费|缴费|培训贷|招转培|扣押身份证|押身份证"
)
# Close before the word for the fee: 无需经验入职交押金 denies experience, not the deposit.
_FEE_DENIED: Final = re.compile(
    r"(?:(?:不收|不需|不用|不交|不缴|无需|无须|没有)(?!经验).{0,8}|(?:杜绝|禁止|拒绝|谢绝).{0,8}|(?:免(?!费)|无|零).{0,2})$"
)
_FEE_PAID_FOR: Final = re.compile(r"报销|(?:企业|公司|单位|厂里|厂方|我方)(?:承担|支付|负担|出|缴纳)|补贴|补助")
_CONTACT: Final = re.compile(
    r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])|(?<![0-9])0[1-9][0-9]{1,2}-?[0-9]{7,8}(?![0-9])|"
    r"微信|wechat|vx|加v|扣扣|qq号?[:：]?[0-9]|https?:|www\.|[a-z0-9._-]+@[a-z0-9-]+\.[a-z]"
)


@lru_cache(maxsize=_REMEMBERED)
def _flat(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


@lru_cache(maxsize=_REMEMBERED)
def limits_sex_or_age(text: str) -> str:
    """The words that limit sex or age, empty for none. 16 or 18 years and over is the law's own floor, not a limit."""
    flat = _NO_LIMIT.sub("", _flat(text))
    for clause in _CLAUSE.split(flat):
        aged = _AGE_WORD.search(clause)
        found = _SEX.search(clause) or _GENERATION.search(clause)
        if found is None and aged:  # without the word, 30-17 is a time of day and 10-15 a number of people
            found = _AGE_SPAN.search(clause) or _AGE_TOP.search(clause)
            floor = _AGE_FLOOR.search(clause)
            if found is None and floor is not None and int(floor[1]) > 18:
                found = floor
        if found is not None:
            return clause[:40]
    return ""


def limits_in_column(text: str, *, column_of_ages: bool) -> str:
    """As `limits_sex_or_age`, for the cell of a column 性别 or 年龄, where 18-45 and 男 stand without more words."""
    flat = _flat(text)
    if not flat or flat in ("不限", "无", "/", "-", "均可", "无要求", "男女不限", "男女均可", "男女", "男/女"):
        return ""
    if not column_of_ages:
        return limits_sex_or_age(flat)
    if re.fullmatch(r"(?:年满)?1[68](?:周)?岁?(?:及)?以上", flat):
        return ""
    return flat[:40] if re.search(r"[0-9]", flat) else limits_sex_or_age("年龄" + flat)


@lru_cache(maxsize=_REMEMBERED)
def asks_fee(text: str) -> str:
    """The clause that asks a worker for money, empty for none. 不收任何费用, 免体检费 and 报销体检费 ask for none.
    In doubt it is seen: a reviewer passes it with a glance."""
    for clause in _CLAUSE.split(_flat(text)):
        found = _FEE.search(clause)
        if found is None or _FEE_DENIED.search(clause[: found.start()]) or _FEE_PAID_FOR.search(clause):
            continue
        return clause[:40]
    return ""


@lru_cache(maxsize=_REMEMBERED)
def has_contact(text: str) -> bool:
    """Whether a text to be published holds a phone number, an address or an account outside."""
    return _CONTACT.search(_flat(text)) is not None


def without_contacts(text: str) -> str:
    """The text with phone numbers and the like taken out; … where they cannot be told from the rest."""
    left = _CONTACT.sub("…", unicodedata.normalize("NFKC", text).lower())
    return "…" if has_contact(left) else left


def limiting_words(text: str) -> str:
    """The very words that limit sex or age, without what stands around them; empty for none."""
    return next(
        (m[0] for pattern in (_SEX, _GENERATION, _AGE_SPAN, _AGE_TOP) if (m := pattern.search(_flat(text)))), ""
    )


def fee_words(text: str) -> str:
    """The very words that ask for money; empty for none."""
    return found[0] if (found := _FEE.search(_flat(text))) else ""
