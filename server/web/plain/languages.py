"""In which language a page is made: asked for by `?lang=`, else what the browser says its reader prefers.

Pages without scripts keep no cookie, so what was asked for goes on in their links and forms. The app that takes over
reads the same parameter, and the language of the page it finds.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from aiohttp import hdrs, web

from server.web.pages import LOCALES
from server.web.plain.words import Words

CHINESE, ENGLISH = LOCALES
_PARTS: Final = ("", ".viewer", ".later", ".plain")
RANGES_READ: Final = 20
"""Languages read of a browser's list; nobody reads more."""


def locale_files(locale: str) -> list[str]:
    """The files that hold the words of these pages: those of the viewer's app, and the server's own part."""
    return [f"locales/{locale}{part}.json" for part in _PARTS]


class Languages:
    """The words of each language, and who gets which."""

    def __init__(self, tables: Mapping[str, Mapping[str, str]]) -> None:
        """`tables`: sentences by key, for each of LOCALES."""
        self._by = {
            (name, asked): Words(tables[name], locale=name, asked=asked) for name in LOCALES for asked in (False, True)
        }

    def of(self, request: web.Request) -> Words:
        """The words for who asks."""
        asked = request.query.get("lang", "")
        if asked in LOCALES:
            return self._by[asked, True]
        return self._by[preferred(request.headers.getall(hdrs.ACCEPT_LANGUAGE, [])), False]


def preferred(headers: Iterable[str]) -> str:
    """Chinese, unless the lines of `Accept-Language` put English before every Chinese (RFC 9110, 12.5.4)."""
    best = {"en": 0.0, "zh": 0.0}
    for part in ",".join(headers).split(",")[:RANGES_READ]:
        name, _, weight = part.partition(";")
        language = name.strip().lower().partition("-")[0]
        if language in best:
            best[language] = max(best[language], _weight(weight))
    return ENGLISH if best["en"] > best["zh"] else CHINESE


def _weight(text: str) -> float:
    """`q=0.8`; 1 where nothing is said, 0 for what is no weight."""
    name, _, value = text.strip().partition("=")
    if not name:
        return 1.0
    value = value.strip()
    digits = value.replace(".", "", 1)
    if name.strip().lower() != "q" or not (digits.isascii() and digits.isdigit()) or len(value) > 5:
        return 0.0
    return min(1.0, float(value))


def in_its_language(answer: web.Response, t: Words) -> web.Response:
    """The page says its language, and to caches that another reader of the same address may get another."""
    answer.headers[hdrs.CONTENT_LANGUAGE] = t.locale
    if not t.asked:
        before = answer.headers.get(hdrs.VARY)
        answer.headers[hdrs.VARY] = f"{before}, {hdrs.ACCEPT_LANGUAGE}" if before else hdrs.ACCEPT_LANGUAGE
    return answer
