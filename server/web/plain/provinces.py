"""Other provinces on the pages without scripts: each with its numbers, its halls on a page of their own, and the way
from a hall to the site of its home, which prints its positions and takes applications without scripts too."""

from urllib.parse import quote

from server.core.channels import home_of
from server.core.days import clock_of
from server.hub.far_halls import FarHall, Known
from server.web.doors import FarProvince
from server.web.plain.listing import Site, back, page
from server.web.plain.markup import Markup, el
from server.web.plain.pieces import listed, state_chip
from server.web.plain.words import Words


def province_rows(t: Words, provinces: list[tuple[FarProvince, Known]]) -> Markup | None:
    """What stands on the portal below the own halls; None without other provinces."""
    if not provinces:
        return None
    rows = listed((_province_row(t, one, known) for one, known in provinces), "rows rooms")
    return el("section", el("h2", t("provinces.title")), rows, class_="stack")


def province(t: Words, site: Site, one: FarProvince, known: Known) -> Markup:
    """The halls of one."""
    rows = [_hall_row(t, hall) for hall in known.halls]
    return page(
        t,
        site,
        path_of(one.code),
        back(t),
        el("h1", one.title, class_="top__title", lang=t.theirs),
        el("p", _numbers(t, known), class_="quiet small num"),
        listed(rows, "rows rooms") if rows else None,
    )


def room(t: Words, site: Site, one: FarProvince, known: Known, session: str) -> Markup:
    """A hall of it, `session` under the name it has here: the way to its home."""
    hall = next((hall.session for hall in known.halls if hall.session.id == session), None)
    name = el("h1", (hall.venue_name or hall.title) if hall else one.title, lang=t.theirs)
    there = f"{one.url}/room/{quote(home_of(session)[0], safe='')}"
    return page(
        t,
        site,
        f"/room/{quote(session, safe='')}",
        back(t),
        el("div", name, state_chip(t, hall.state) if hall else None, class_="line"),
        el("p", t("provinces.at_home", name=one.title)),
        el("a", t("provinces.go_home", name=one.title), href=t.link(there), class_="btn btn--main btn--wide"),
    )


def path_of(code: str) -> str:
    """The address of that province's halls."""
    return f"/?province={code}"


def _province_row(t: Words, one: FarProvince, known: Known) -> Markup:
    name = el("span", one.title, class_="room-row__title strong", lang=t.theirs)
    words = el("span", name, el("span", _numbers(t, known), class_="quiet small num"), class_="room-row__words")
    if not known.halls:
        return el("li", el("div", words, class_="room-row"))
    return el("li", el("a", words, class_="room-row", href=t.link(path_of(one.code))))


def _hall_row(t: Words, hall: FarHall) -> Markup:
    session = hall.session
    words = el(
        "span",
        el("span", session.venue_name or session.title, class_="room-row__title strong", lang=t.theirs),
        el("span", state_chip(t, session.state), class_="small"),
        el("span", t("room.online", n=hall.online), class_="quiet small num") if hall.online else None,
        class_="room-row__words",
    )
    return el("li", el("a", words, class_="room-row", href=t.link(f"/room/{quote(session.id, safe='')}")))


def _numbers(t: Words, known: Known) -> str:
    """What is known, and since when, where it is not of now."""
    if not known.halls:
        return t("provinces.none" if known.reachable else "provinces.silent")
    counts = [t("provinces.halls", n=len(known.halls)), t("provinces.live", n=known.live)]
    if known.online:
        counts.append(t("room.online", n=known.online))
    if not known.reachable:
        counts.append(t("provinces.stale", when=clock_of(known.at_ms)))
    return " · ".join(counts)
