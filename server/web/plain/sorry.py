"""What could not be done, as a page, for whoever asked as a person: opened an address, or sent a form."""

import re
from typing import Final
from urllib.parse import quote

from aiohttp import web

from server.core.refusal import Code, Refusal
from server.web.pages import Pages
from server.web.plain.languages import Languages, in_its_language
from server.web.plain.markup import el
from server.web.plain.switch import switch
from server.web.plain.words import Words

_PROGRAMS: Final = re.compile(r"/(api|static|hls|replay|hooks)/|/(ws|media|live|healthz|readyz|metrics)$")
"""Addresses that scripts and programs ask; everything else is a page."""
_FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain")
"""What a browser sends a form as."""
_APPLY: Final = re.compile(r"/position/[^/]{1,200}(?=/apply$)")


class Sorry:
    """Makes the page."""

    def __init__(self, pages: Pages, languages: Languages) -> None:
        self._pages = pages
        self._languages = languages

    def takes(self, request: web.Request) -> bool:
        """Whether a person looks at the answer."""
        if _PROGRAMS.match(request.path):
            return False
        return request.method in ("GET", "HEAD") or request.content_type in _FORMS

    async def page(self, request: web.Request, refusal: Refusal, status: int) -> web.Response:
        """One sentence that says what happened, and a way on."""
        t = self._languages.of(request)
        form = _APPLY.match(request.path) if request.method == "POST" else None
        title, sentence = _words(t, refusal, form=form is not None)
        path, label = (
            (quote(form[0]), "sorry.form") if form and refusal.code is not Code.NOT_FOUND else ("/", "sorry.home")
        )
        content = el(
            "main",
            el("h1", title),
            el("p", sentence),
            el("p", el("a", t(label), href=t.link(path), class_="btn btn--main")),
            # The page of a form has nothing to be asked for again; its way on leads to one that has.
            switch(t, quote(request.path) if request.method in ("GET", "HEAD") else path),
            class_="state",
            id="main",
        )
        text = await self._pages.plain(title, content, t.locale)
        return in_its_language(self._pages.answer(request, text, status=status, cache="no-store"), t)


def _words(t: Words, refusal: Refusal, *, form: bool) -> tuple[str, str]:
    if refusal.code is Code.NOT_FOUND:
        return t("sorry.not_found"), t("sorry.not_found_words")
    if refusal.code is Code.FORBIDDEN and refusal.params.get("needs") == "origin":
        return t("sorry.title"), t("sorry.origin_form" if form else "sorry.origin")
    if refusal.code is Code.BAD_MESSAGE:
        return t("sorry.title"), t("sorry.unread")
    return t("sorry.title"), t.refusal(refusal)
