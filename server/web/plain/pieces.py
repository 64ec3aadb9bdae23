"""The pieces of the pages: a hall, a position as a row and in full, the search form."""

from collections.abc import Iterable
from urllib.parse import quote

import msgspec

from server.core.model import ON_AIR, Card, Enterprise, Position, Session, SessionState, ShelfSlot
from server.core.search import Hit, Query, Spot
from server.web.plain.markup import Markup, el, join
from server.web.plain.words import Words, band_words, base_words, chips, facts


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A position on its page: where it is met, under which number, and whether it still stands there."""

    position: Position
    enterprise: Enterprise
    spot: Spot | None
    number: int = 0
    removed: bool = False


def position_path(hit: Hit) -> str:
    """The address of a position: as it is spoken in its best hall, else its own."""
    if hit.spots:
        return f"/{quote(hit.spots[0].venue, safe='')}/{hit.spots[0].number}"
    return f"/position/{quote(hit.position.id, safe='')}"


def pay(t: Words, position: Position) -> Markup:
    """底薪 and 综合 apart, always both."""

    def line(name: str, value: str) -> Markup:
        return el("div", el("dt", t(f"fact.{name}"), class_="quiet small"), el("dd", value, class_="pay strong num"))

    return el("dl", line("base", base_words(t, position)), line("band", band_words(t, position)), class_="pays")


def chip_line(t: Words, position: Position) -> Markup:
    """The short facts."""
    return el("span", [el("span", chip, class_="chip") for chip in chips(position)], class_="line", lang=t.theirs)


def where(t: Words, spot: Spot | None) -> Markup:
    """In which hall it can be met."""
    if spot is None:
        return el("span", t("find.no_hall"), class_="quiet small")
    if spot.explained:
        now = el("span", t("card.explaining"), class_="chip chip--now")
        return el(
            "span", now, el("span", t("find.where_now", hall=spot.venue_name, n=spot.number)), class_="line small"
        )
    state = "find.where"
    if spot.state in ON_AIR:
        state = "find.where_live"
    elif spot.state is SessionState.ENDED:
        state = "find.where_ended"
    return el("span", t(state, hall=spot.venue_name, n=spot.number), class_="quiet small")


def found_row(t: Words, hit: Hit) -> Markup:
    """A position among others."""
    position, spot = hit.position, hit.spots[0] if hit.spots else None
    link = el(
        "a",
        el("strong", position.title, class_="found-row__title", lang=t.theirs),
        pay(t, position),
        el(
            "span",
            el("span", position.enterprise_name, lang=t.theirs),
            " · ",
            written(t, position.place),
            class_="quiet small",
        ),
        chip_line(t, position),
        where(t, spot),
        class_="found-row__link",
        href=t.link(position_path(hit)),
    )
    return el("li", link, class_="found-row--now" if spot and spot.explained else None)


def shelf_row(t: Words, session: Session, slot: ShelfSlot) -> Markup:
    """A position of a shelf, by its number."""
    position = slot.position
    words = el(
        "span",
        el("span", position.title, class_="strong", lang=t.theirs),
        el("span", position.enterprise_name, class_="quiet small", lang=t.theirs),
        el("span", band_words(t, position), class_="small num"),
        class_="shelf-row__words",
    )
    number = el("span", str(slot.number), class_="shelf-row__number num strong")
    href = t.link(f"/{quote(session.venue, safe='')}/{slot.number}")
    return el("li", el("a", number, words, class_="shelf-row__open plain-link", href=href), class_="shelf-row")


def hall_row(t: Words, session: Session, card: Card | None, place: str) -> Markup:
    """A hall of the portal."""
    now: Markup
    if card is not None:
        title = t("card.numbered", n=card.number, title=card.position.title)
        now = el("span", el("span", t("card.explaining"), class_="now-word"), title, class_="room-row__card small")
    else:
        now = el("span", state_chip(t, session.state), class_="small")
    words = el(
        "span",
        el("span", session.venue_name or session.title, class_="room-row__title strong", lang=t.theirs),
        el("span", place, class_="quiet small", lang=t.theirs),
        now,
        class_="room-row__words",
    )
    return el("li", el("a", words, class_="room-row", href=t.link(f"/room/{quote(session.id, safe='')}")))


def state_chip(t: Words, state: SessionState) -> Markup:
    """直播中, 未开播 …"""
    tone = {SessionState.LIVE: " chip--now", SessionState.INTERRUPTED: " chip--look"}.get(state, "")
    return el("span", t(f"session.{state.value}"), class_=f"chip{tone}")


def search_form(t: Words, query: Query | None = None) -> Markup:
    """The search, as a plain GET."""
    flags = query.flags if query else frozenset()
    named = ("day", "lodging", "couple", "meals", "bus", "live")
    boxes = [
        el(
            "label",
            el("input", type="checkbox", name=flag, value="1", checked=flag in flags),
            el("span", t(f"find.flag.{flag}")),
            class_="choice",
        )
        for flag in named
    ]
    words = el(
        "input",
        type="search",
        id="plain-words",
        name="q",
        class_="input",
        maxlength="200",
        value=query.words if query else "",
        placeholder=t("find.placeholder"),
    )
    return el(
        "form",
        el("input", type="hidden", name="lang", value=t.locale) if t.asked else None,
        el("label", t("find.label"), for_="plain-words", class_="field__label"),
        el("div", words, el("button", t("find.go"), class_="btn btn--main"), class_="search__form"),
        el("fieldset", el("legend", t("find.filters"), class_="sr-only"), boxes, class_="plain-choices line"),
        action="/",
        method="get",
        role="search",
        class_="search",
    )


def offer_facts(t: Words, offer: Offer) -> Markup:
    """All of a position, missing facts as missing."""
    position = offer.position
    number = el("span", t("card.number", n=offer.number), class_="strong num") if offer.number else None
    return join(
        (
            el(
                "div",
                number,
                el("span", t("card.openings", n=position.openings), class_="quiet small num"),
                class_="line",
            ),
            el("h1", position.title, class_="position__title", lang=t.theirs),
            el("p", written(t, position.enterprise_name), class_="quiet"),
            pay(t, position),
            chip_line(t, position),
            el("dl", [_fact(t, *fact) for fact in facts(t, position)], class_="facts"),
            el("p", t("position.synthetic"), class_="quiet small") if position.synthetic else None,
        )
    )


def _fact(t: Words, label: str, value: str) -> Markup:
    return el("div", el("dt", label, class_="quiet"), el("dd", written(t, value)))


def written(t: Words, value: str) -> Markup:
    """What somebody wrote in Chinese, or that nobody did."""
    return el("span", value, lang=t.theirs) if value else el("span", t("fact.missing"))


def why_not(t: Words, offer: Offer) -> str:
    """Why this position cannot be applied to now; empty when it can."""
    spot = offer.spot
    if offer.position.closed:
        return t("apply.closed")
    if offer.removed:
        return t("position.removed", n=offer.number)
    if spot is None:
        return t("find.no_hall")
    if spot.state is SessionState.ENDED:
        return t("apply.ended")
    return "" if spot.state in ON_AIR else t("apply.not_yet")


def listed(rows: Iterable[Markup], class_: str) -> Markup:
    """Rows."""
    return el("ul", list(rows), class_=class_)
