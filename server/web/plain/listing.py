"""What stands on the server-made pages: the portal, a room, a position. Each is content for the viewer's shell."""

from collections.abc import Iterable, Sequence
from urllib.parse import quote, urlencode

import msgspec

from server.core.model import ON_AIR, Card, RegionCode, Session, SessionId, ShelfSlot
from server.core.regions import RegionTree
from server.core.search import EDUCATIONS, Found, Query
from server.web.pages import Head
from server.web.plain.form import SOURCE_MARK, Typed, apply_form
from server.web.plain.markup import Markup, el
from server.web.plain.pieces import (
    Offer,
    found_row,
    hall_row,
    listed,
    offer_facts,
    search_form,
    shelf_row,
    state_chip,
    where,
    why_not,
)
from server.web.plain.switch import switch
from server.web.plain.words import Words, band_words, base_words, chips

SHELF_SHOWN = 60
"""Positions on a room's page at first: the whole shelf of a main hall is 340."""


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """What stands on every page: the site's name, holder and number of the licence (empty for none), and the version
    of the consent."""

    title: str
    consent: str
    holder: str = ""
    number: str = ""

    def licence(self, t: Words) -> str:
        """The line at the foot; empty without a licence."""
        return t("foot.licence", name=self.holder, number=self.number) if self.holder else ""

    def contact(self, t: Words) -> str:
        """Who answers questions about a consent."""
        return self.holder or t("apply.contact_hall")


def hall_rows(t: Words, tree: RegionTree, sessions: Iterable[Session], cards: dict[SessionId, Card]) -> Markup:
    """All halls, those on air first."""
    rows = [hall_row(t, session, cards.get(session.id), _place(tree, session.region)) for session in sessions]
    return listed(rows, "rows rooms") if rows else el("p", t("portal.empty"), class_="state")


def portal(t: Words, site: Site, halls: Markup, others: Markup | None) -> Markup:
    """The search, the own halls, and the other provinces where there are some."""
    return page(
        t,
        site,
        "/",
        el("h1", site.title, class_="top__title", lang=t.theirs),
        search_form(t),
        halls,
        others,
    )


def results(t: Words, site: Site, query: Query, found: Found) -> Markup:
    """What a search found, and the way to more of it."""
    more: Markup | None = None
    if found.after is not None:
        href = t.link("/?" + urlencode([*_asked(query), ("after", found.after.text())]))
        more = el("p", el("a", t("find.next"), href=href, class_="btn btn--wide", rel="next"))
    return page(
        t,
        site,
        "/?" + urlencode(_asked(query)),
        el("h1", t("find.label"), class_="top__title"),
        search_form(t, query),
        el("p", t("find.total", n=found.total), class_="quiet small num"),
        listed((found_row(t, hit) for hit in found.hits), "rows found") if found.hits else _nothing(t),
        more,
        back(t),
    )


def trouble(t: Words, site: Site, sentence: str) -> Markup:
    """What could not be done, and the search again."""
    return page(t, site, "/", search_form(t), el("p", sentence, class_="form-error", role="alert"))


def room(t: Words, site: Site, session: Session, card: Card | None, slots: Sequence[ShelfSlot], all_: int) -> Markup:
    """A hall: what is explained now, and of its shelf of `all_` positions those given."""
    own = f"/room/{quote(session.id, safe='')}"
    rows = [shelf_row(t, session, slot) for slot in slots]
    name = el("h1", session.venue_name or session.title, lang=t.theirs)
    return page(
        t,
        site,
        own if all_ <= SHELF_SHOWN or len(rows) < all_ else f"{own}?shelf=all",
        back(t),
        el("div", name, state_chip(t, session.state), class_="line"),
        el("p", session.title, class_="quiet", lang=t.theirs),
        _now(t, session, card) if card is not None and session.state in ON_AIR else None,
        el("h2", t("shelf.title_n", n=all_)),
        listed(rows, "rows") if rows else el("p", t("shelf.empty")),
        el("p", el("a", t("card.see_shelf"), href=t.link(f"{own}?shelf=all"), class_="btn"))
        if len(rows) < all_
        else None,
    )


def position(t: Words, site: Site, offer: Offer, typed: Typed | None = None) -> Markup:
    """A position, where it is met, and the form to apply, or why there is none."""
    spot, refused = offer.spot, why_not(t, offer)
    hall = t.link(f"/room/{quote(spot.session, safe='')}" if spot else "/")
    own = f"/position/{quote(offer.position.id, safe='')}"
    return page(
        t,
        site,
        own if refused else f"{own}?from={SOURCE_MARK}",
        back(t),
        offer_facts(t, offer),
        el("a", where(t, spot), el("span", t("position.hall"), class_="strong"), href=hall, class_="hall-link")
        if spot
        else None,
        el("p", refused, class_="form-error")
        if refused
        else apply_form(t, offer, consent=site.consent, contact=site.contact(t), typed=typed or Typed()),
    )


def position_head(t: Words, site: Site, offer: Offer, path: str, more: Markup) -> Head:
    """What a shared link says: title and pay, then place, base pay and what is given."""
    one = offer.position
    facts = (
        t("card.openings", n=one.openings),
        one.place,
        f"{t('fact.base')}{t('list.colon')}{base_words(t, one)}",
        *chips(one),
    )
    return Head(
        title=f"{one.title} {band_words(t, one)} · {one.enterprise_name or site.title}",
        text=t("list.comma").join(filter(None, facts)),
        path=path,
        more=more,
        locale=t.locale,
        picture=f"/api/positions/{quote(one.id, safe='')}/picture.png?v={one.version}",
    )


def room_head(t: Words, site: Site, session: Session, path: str, more: str = "") -> Head:
    """Title and description of a hall, as a person would announce it."""
    text = t("share.hall_live" if session.state in ON_AIR else "share.hall", hall=session.venue_name or site.title)
    return Head(title=f"{session.title} · {site.title}", text=text, path=path, more=more, locale=t.locale)


def _now(t: Words, session: Session, card: Card) -> Markup:
    href = t.link(f"/{quote(session.venue, safe='')}/{card.number}")
    return el(
        "section",
        el("span", t("card.explaining"), class_="chip chip--now"),
        el("h2", t("card.numbered", n=card.number, title=card.position.title)),
        el("p", card.position.enterprise_name, class_="quiet small", lang=t.theirs),
        el("p", band_words(t, card.position), class_="strong num"),
        el("a", t("apply.open"), href=f"{href}#apply", class_="btn btn--main btn--wide"),
        class_="card stack",
    )


def page(t: Words, site: Site, own: str, *children: Markup | None) -> Markup:
    """`own`: the address of this page, for who wants it in the other language."""
    licence = site.licence(t)
    foot = el(
        "footer",
        el("p", licence) if licence else None,
        el("p", t("foot.free")),
        switch(t, own),
        class_="foot quiet small",
    )
    return el("div", el("main", children, id="main", class_="stack plain"), foot, class_="portal")


def back(t: Words) -> Markup:
    """The way to the portal."""
    return el("nav", el("a", t("room.all"), href=t.link("/"), class_="btn btn--plain"))


def _nothing(t: Words) -> Markup:
    everything = el("a", t("find.all"), href=t.link("/?all=1"), class_="btn btn--quiet")
    return el("div", el("p", t("find.nothing")), everything, class_="state")


def _place(tree: RegionTree, code: RegionCode) -> str:
    if code not in tree:
        return ""
    names = [tree.get(code).name, *(region.name for region in tree.parents(code))]
    return " ".join(reversed(names[:-1])) or names[0]


def _asked(query: Query) -> list[tuple[str, str]]:
    """The search as an address says it."""
    named: list[tuple[str, str | int]] = [
        ("q", query.words),
        ("region", query.region or ""),
        ("base", query.base),
        ("pay", query.pay),
        ("education", EDUCATIONS[query.education - 1] if query.education else ""),
        *((flag.value, 1) for flag in sorted(query.flags)),
    ]
    return [(name, str(value)) for name, value in named if value] or [("all", "1")]
