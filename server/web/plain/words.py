"""The sentences of the pages' own locales, and pay as people say it (as `clients/web/shared/format.js` does)."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import quote

from server.core.model import PayUnit, Position
from server.core.protocol import Refused
from server.core.refusal import Code, Refusal

THEIRS: Final = "zh-CN"
"""The language of what enterprises and halls wrote, whatever the page speaks."""
_PARAM = re.compile(r"\{(\w+)\}")
_WANTED = re.compile("住|宿|餐|吃|班车|接送|车|五险|保险")
SHORT = 12
ANYTHING = "不限"
"""Says nothing without its label."""


class Words:
    """Sentences by key, in one language. `asked`: the reader chose it, so links say it again."""

    def __init__(self, table: Mapping[str, str], *, locale: str = THEIRS, asked: bool = False) -> None:
        self._table = table
        self.locale = locale
        self.asked = asked

    def __call__(self, key: str, **params: str | int) -> str:
        """The sentence of that key with its parameters, for `n=1` the one of `key_one` where there is one; the key
        itself where there is none."""
        one = f"{key}_one"
        sentence = self._table.get(one if params.get("n") == 1 and one in self._table else key, key)
        return _PARAM.sub(lambda m: str(params.get(m[1], m[0])), sentence)

    @property
    def theirs(self) -> str | None:
        """`lang` of an element that holds what others wrote; None where the page speaks it too."""
        return None if self.locale == THEIRS else THEIRS

    @property
    def mark(self) -> str:
        """Tells apart what is made for different readers under one address."""
        return f"{self.locale}{'!' if self.asked else ''}"

    def link(self, path: str) -> str:
        """The address of a page of ours as this page links to it."""
        return in_language(path, self.locale) if self.asked else path

    def refusal(self, refused: Refused | Refusal) -> str:
        """One sentence for a refusal; never a code."""
        params = dict(refused.params)
        retry_ms = params.get("retry_ms")
        if isinstance(retry_ms, int):
            params["seconds"] = max(1, -(-retry_ms // 1000))
        key = f"refusal.{refused.code.value}"
        if refused.code is Code.TOO_MANY and "seconds" not in params:
            key = "refusal.too_many_plain"
        return self(key if key in self._table else "refusal.unknown", **params)


def read_table(files: Iterable[bytes]) -> dict[str, str]:
    """The sentences of these locale files."""
    table: dict[str, str] = {}
    for content in files:
        table.update(json.loads(content))
    return table


def in_language(path: str, locale: str) -> str:
    """The address of a page of ours in that language."""
    whole, hash_, fragment = path.partition("#")
    return f"{whole}{'&' if '?' in whole else '?'}lang={quote(locale)}{hash_}{fragment}"


def base_words(t: Words, position: Position) -> str:
    """底薪, or that it was not filled in."""
    if position.base_yuan is None:
        return t("fact.missing")
    return t("pay.amount", n=_yuan(position.base_yuan), unit=_unit(t, position))


def band_words(t: Words, position: Position) -> str:
    """综合, 面议, or that it was not filled in."""
    low, high, unit = position.pay_min_yuan, position.pay_max_yuan, _unit(t, position)
    if low is not None and high is not None and low != high:
        band = t("pay.band", low=_yuan(low), high=_yuan(high), unit=unit)
    elif low is not None:
        band = t("pay.amount" if high is not None else "pay.from", n=_yuan(low), unit=unit)
    elif high is not None:
        band = t("pay.up_to", n=_yuan(high), unit=unit)
    else:
        return t("pay.negotiable") if position.pay_negotiable else t("fact.missing")
    return t("pay.by_piece", pay=band) if position.pay_unit is PayUnit.PIECE and low is not None else band


def chips(position: Position, most: int = 3) -> list[str]:
    """The short facts that fit on a card, what people ask first before the others."""
    benefits = sorted(position.benefits, key=lambda benefit: not _WANTED.search(benefit))
    facts = [*benefits[:1], position.shift, *benefits[1:], position.education, position.rest]
    return list(dict.fromkeys(fact for fact in facts if fact and len(fact) <= SHORT and fact != ANYTHING))[:most]


def facts(t: Words, position: Position) -> list[tuple[str, str]]:
    """Label and value of every fact; the value of a missing one is empty."""
    comma = t("list.comma")
    named = (
        ("place", position.place),
        ("shift", position.shift),
        ("rest", position.rest),
        ("employment_type", position.employment_type),
        ("education", position.education),
        ("benefits", comma.join(position.benefits)),
        ("duties", position.duties),
        ("requirements", position.requirements),
    )
    return [(t(f"fact.{name}"), value) for name, value in named]


def _yuan(yuan: int) -> str:
    return f"{yuan:,}"


def _unit(t: Words, position: Position) -> str:
    return t("pay.hour" if position.pay_unit is PayUnit.HOUR else "pay.month")
