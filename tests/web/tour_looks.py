"""What a program sees of a page that people would stumble over: it is wider than the window, a target is too small for
a thumb, words are cut, or they are of the other language."""

import json
import re
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Page

from tests.web.test_node import WEB

TARGET_PX: Final = 44
"""The least a thumb hits (docs: touch targets)."""

_IN_THE_PAGE: Final = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")


DATA: Final = {"直播带岗", "包住", "包吃", "班车", "夫妻房", "不限"}
"""What the demonstration's fair says of itself and of its positions, in the words of our own labels."""


async def look(page: Page, *, thumb: bool) -> list[str]:
    """What is wrong with the page as it stands. `thumb`: it is used with fingers."""
    found: list[str] = await page.evaluate(f"(least) => {_IN_THE_PAGE}.look(least)", TARGET_PX if thumb else 0)
    return list(dict.fromkeys(found))


async def foreign_words(page: Page, language: str) -> list[str]:
    """Sentences of the page that are in the locale files of the other language only."""
    shown: list[str] = await page.evaluate(f"() => {_IN_THE_PAGE}.words()")
    return [words for words in shown if words not in DATA and _theirs(words, language)]


def _theirs(words: str, language: str) -> bool:
    cjk = bool(re.search(r"[\u4e00-\u9fff]", words))
    return cjk == (language == "en") and any(one.fullmatch(words) for one in _other(language))


_known: dict[str, list[re.Pattern[str]]] = {}


def _other(language: str) -> list[re.Pattern[str]]:
    if language not in _known:
        other = "zh-CN" if language == "en" else "en"
        mine, theirs = _sentences(language), _sentences(other)
        only = {value for key, value in theirs.items() if mine.get(key) != value}
        _known[language] = [re.compile(re.sub(r"\\\{\w+\\\}", ".+?", re.escape(one))) for one in only if _says(one)]
    return _known[language]


def _says(sentence: str) -> bool:
    """Not only places for values."""
    return len(re.sub(r"\{\w+\}|\W", "", sentence)) > 1


def _sentences(language: str) -> dict[str, str]:
    found: dict[str, Any] = {}
    for file in (WEB / "locales").glob(f"{language}*.json"):
        found |= json.loads(file.read_text(encoding="utf-8"))
    return {key: value for key, value in found.items() if isinstance(value, str)}
