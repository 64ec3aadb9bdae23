"""HTML that is safe by construction: what is not markup already is escaped when it is put in."""

import html
from collections.abc import Iterable

VOID = frozenset({"input", "meta", "link", "br", "img"})


class Markup(str):
    """A piece of HTML."""

    __slots__ = ()


Child = str | None | Iterable["Child"]


def el(name: str, /, *children: Child, **attributes: str | bool | None) -> Markup:
    """An element. An attribute that is None or False is left out, True stands without a value; `class_` and `for_` lose
    their underscore, others get a hyphen for it (`aria_label`)."""
    given = "".join(_attribute(key, value) for key, value in attributes.items() if value is not None)
    if name in VOID:
        return Markup(f"<{name}{given}>")
    return Markup(f"<{name}{given}>{join(children)}</{name}>")


def join(children: Iterable[Child]) -> Markup:
    """Pieces one after another; text is escaped, None is nothing."""
    return Markup("".join(_child(child) for child in children))


def _child(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, Markup):
        return child
    return html.escape(child, quote=False) if isinstance(child, str) else join(child)


def _attribute(key: str, value: str | bool | None) -> str:
    name = key.rstrip("_").replace("_", "-")
    if value is False:
        return ""
    return f" {name}" if value is True else f' {name}="{html.escape(str(value), quote=True)}"'
