"""中文 · English: the same page in the other language, by a link, or by a form for a page that answers one."""

from collections.abc import Callable, Mapping
from typing import Final

from server.web.plain.markup import Markup, el
from server.web.plain.words import Words, in_language

NAMES: Final = {"zh-CN": "中文", "en": "English"}
"""Each as its own readers call it."""


def switch(t: Words, own: str) -> Markup:
    """The languages of a page; `own` is its address without one."""
    return _listed(t, lambda name: el("a", NAMES[name], href=in_language(own, name), lang=name, hreflang=name))


def switch_answer(t: Words, own: str, fields: Mapping[str, str]) -> Markup:
    """The same for the answer of a form, which is sent again to the same effect: its key makes it the same one."""
    hidden = [el("input", type="hidden", name=name, value=value) for name, value in fields.items()]

    def again(name: str) -> Markup:
        button = el("button", NAMES[name], class_="btn btn--quiet", lang=name)
        return el("form", hidden, button, action=in_language(own, name), method="post")

    return _listed(t, again)


def _listed(t: Words, other: Callable[[str], Markup]) -> Markup:
    shown = [
        el("span", NAMES[name], lang=name, aria_current="true") if name == t.locale else other(name) for name in NAMES
    ]
    return el("nav", shown[0], " · ", shown[1:], aria_label=t("plain.languages"), class_="line languages")
