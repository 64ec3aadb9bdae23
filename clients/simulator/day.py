"""The Jilin day, 27 November 2021: 49 halls, 802 enterprises, 1,749 titles, 15,543 openings, as one catalogue.

How many of what each hall has, `facts` says; which enterprises and positions they are is made up from a seed, and
every one is marked `synthetic`. May import nothing of the server but its core.

`python -m clients.simulator.day day.json` writes it as a file.
"""

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from clients.simulator.facts import CHANGBAISHAN, PROVINCE, Facts, Hall, facts, is_district, regions
from clients.simulator.luck import Luck, apportion
from clients.simulator.pay import draw_band, floors
from clients.simulator.places import BY_CITY, DISTRICTS, FIRST, SECOND, Industry
from clients.simulator.trades import Title, Trade, offers_of
from server.core.catalogue import Catalogue
from server.core.model import (
    Enterprise,
    EnterpriseId,
    Fair,
    FairId,
    Level,
    PayUnit,
    Position,
    PositionId,
    Region,
    RegionCode,
    Session,
    SessionId,
    ShelfSlot,
    Venue,
)
from server.core.places import short_names
from server.core.regions import RegionTree
from server.core.uscc import synthetic_code

SEED: Final = 20211127
FAIR: Final = FairId("F1")
STARTS_AT_MS: Final = int(datetime(2021, 11, 27, 1, tzinfo=UTC).timestamp() * 1000)
"""09:00 in Jilin, in all 49 halls."""

_MOST_TITLES: Final = 8
_NO_BASE: Final = 0.03
_NEGOTIABLE: Final = 0.04
_SIZES: Final = (12, 20, 28, 36, 45, 55, 66, 78, 90, 105, 120, 140, 165, 195, 235, 290, 360, 460, 620, 900, 1600)
"""Staff: log-normal with a median of 120, by its quantiles."""
_SPREAD: Final = (20, 35, 50, 65, 80, 100, 120, 150, 200, 320)
"""Openings of a title in percent of what its trade usually has: a long tail."""
_VALID_UNTIL: Final = ("2021-12-27", "2021-12-31", "2022-01-31", "2022-02-28", "2022-03-31")
_WORK_SHIFTS: Final = (("长白班", 44), ("两班倒", 41), ("三班倒", 15))
_WORK_RESTS: Final = (("单休", 63), ("双休", 15), ("上六休一", 12), ("轮休", 10))
_OFFICE_RESTS: Final = (("双休", 62), ("单休", 38))


class _Maker:
    """Makes the enterprises and positions of one hall after another; ids count through all of them."""

    def __init__(self, known: Facts, tree: RegionTree, seed: int) -> None:
        self._luck = Luck(seed)
        self._tree = tree
        self._floors = floors(known.units)
        self._names: set[str] = set()
        self.enterprises: list[Enterprise] = []
        self.positions: list[Position] = []

    def hall(self, hall: Hall) -> list[Position]:
        """The positions of one hall, in the order of its shelf. All its sums are exact."""
        luck = self._luck
        counts = [1] * hall.enterprises
        for _ in range(hall.titles - hall.enterprises):
            able = [(index, float(count)) for index, count in enumerate(counts) if count < _MOST_TITLES]
            counts[luck.weighted(able)] += 1
        seats = [self._seat(hall.unit) for _ in counts]
        industries = [luck.weighted([(i, i.weight) for i in self._industries(seat)]) for seat in seats]
        jobs: list[tuple[int, Trade, Title]] = []
        for firm, (count, industry) in enumerate(zip(counts, industries, strict=True)):
            jobs.extend((firm, trade, title) for trade, title in self._titles(industry.kind, count))
        weights = [trade.usual * luck.pick(_SPREAD) for _, trade, _ in jobs]
        openings = apportion(hall.openings, weights, [title.most for _, _, title in jobs])
        wanted = [0] * len(counts)
        for (firm, _, _), number in zip(jobs, openings, strict=True):
            wanted[firm] += number
        firms = [self._enterprise(*made) for made in zip(seats, industries, wanted, strict=True)]
        perks = [self._perks() for _ in firms]
        before = len(self.positions)
        for (firm, trade, title), number in zip(jobs, openings, strict=True):
            self.positions.append(self._position(firms[firm], perks[firm], trade, title, number))
        return self.positions[before:]

    def _seat(self, unit: RegionCode) -> Region:
        """The county-level unit an enterprise lies in: of a city hall one of its districts, if it has any."""
        region = self._tree.get(unit)
        if region.level is Level.COUNTY:
            return region
        below = self._tree.children(unit)
        districts = [child for child in below if is_district(child)] or list(below)
        return self._luck.weighted([(child, DISTRICTS.get(child.code, 1.0)) for child in districts])

    def _industries(self, seat: Region) -> tuple[Industry, ...]:
        return BY_CITY["220600" if seat.code == CHANGBAISHAN else str(seat.parent)]

    def _titles(self, kind: str, count: int) -> list[tuple[Trade, Title]]:
        """So many different titles as this kind of industry has them."""
        chosen: list[tuple[Trade, Title]] = []
        while len(chosen) < count:
            job = self._luck.weighted(offers_of(kind))
            if job not in chosen:
                chosen.append(job)
        return chosen

    def _enterprise(self, seat: Region, industry: Industry, wanted: int) -> Enterprise:
        luck = self._luck
        number = len(self.enterprises) + 1
        made = Enterprise(
            id=EnterpriseId(f"E{number:03d}"),
            name=self._name(seat, industry),
            region=seat.code,
            uscc=synthetic_code(100_000 + number),
            industry=industry.name,
            size=max(luck.pick(_SIZES) + luck.below(9), 2 * wanted),
            synthetic=True,
        )
        self.enterprises.append(made)
        return made

    def _name(self, seat: Region, industry: Industry) -> str:
        """{地名}{字号}{行业词}有限公司, each once."""
        luck = self._luck
        town = self._tree.parents(seat.code)[0] if is_district(seat) else seat
        while True:
            place = "吉林省" if luck.chance(0.12) else min(short_names(town), key=len)
            first, second = luck.pick(FIRST), luck.pick(SECOND)
            name = f"{place}{first}{second}{luck.pick(industry.words)}有限公司"
            if first != second and name not in self._names:
                self._names.add(name)
                return name

    def _perks(self) -> tuple[str, ...]:
        """What an enterprise gives to all of its people (五险 78 %, 五险一金 34 %, 包吃 46 %, 餐补 20 % …)."""
        luck = self._luck
        found = [luck.weighted((("五险一金", 34), ("五险", 44), ("", 22)))]
        if luck.chance(0.46):
            found.append("包吃")
        elif luck.chance(0.20 / 0.54):
            found.append(f"餐补{luck.between(8, 15)}元/天")
        if luck.chance(0.41):
            found.append("包住")
            found.append("夫妻房" if luck.chance(0.09 / 0.41) else "")
        found.append("班车" if luck.chance(0.38) else "")
        return tuple(filter(None, found))

    def _position(
        self, firm: Enterprise, perks: tuple[str, ...], trade: Trade, title: Title, openings: int
    ) -> Position:
        luck = self._luck
        pay = draw_band(luck, trade, self._tree.get(firm.region), self._floors)
        negotiable, no_base = luck.chance(_NEGOTIABLE), luck.chance(_NO_BASE)
        return Position(
            id=PositionId(f"P{len(self.positions) + 1:04d}"),
            enterprise=firm.id,
            enterprise_name=firm.name,
            title=title.name,
            region=firm.region,
            openings=openings,
            place=self._place(firm.region),
            base_yuan=None if no_base else pay.base,
            pay_min_yuan=None if negotiable else pay.low,
            pay_max_yuan=None if negotiable else pay.high,
            pay_unit=PayUnit.PIECE if trade.piecework else PayUnit.MONTH,
            pay_negotiable=negotiable,
            shift="长白班" if trade.office else luck.weighted(_WORK_SHIFTS),
            rest=luck.weighted(_OFFICE_RESTS if trade.office else _WORK_RESTS),
            education=luck.pick(trade.education),
            employment_type=luck.weighted((("全日制", 92), ("劳务派遣", 8))),
            benefits=perks,
            duties=trade.duties,
            requirements=title.needs or luck.pick(trade.requirements),
            valid_until=luck.pick(_VALID_UNTIL),
            synthetic=True,
        )

    def _place(self, code: RegionCode) -> str:
        """As people say it: 长春市绿园区, 农安县."""
        region = self._tree.get(code)
        return self._tree.parents(code)[0].name + region.name if is_district(region) else region.name


def generate(seed: int = SEED) -> Catalogue:
    """The day. The same seed gives the same catalogue, byte for byte."""
    known = facts()
    units = regions(known)
    maker = _Maker(known, RegionTree(units), seed)
    sessions = tuple(_session(hall) for hall in known.venues)
    shelves = {
        session.id: tuple(
            ShelfSlot(number=number, position=position) for number, position in enumerate(maker.hall(hall), start=1)
        )
        for session, hall in zip(sessions, known.venues, strict=True)
    }
    return Catalogue(
        fair=Fair(id=FAIR, title="吉林省工业企业招聘会", on_day="2021-11-27", region=PROVINCE, synthetic=True),
        regions=units,
        venues=tuple(Venue(id=hall.id, fair=FAIR, name=_venue_name(hall), region=hall.unit) for hall in known.venues),
        enterprises=tuple(maker.enterprises),
        positions=tuple(maker.positions),
        sessions=sessions,
        shelves=shelves,
    )


def _session(hall: Hall) -> Session:
    """The broadcast of a hall: V01's is S01."""
    named = "吉林省暨长春市" if hall.unit == "220100" else hall.name.split("会场")[0].removesuffix("主")
    return Session(
        id=SessionId("S" + hall.id[1:]),
        venue=hall.id,
        fair=FAIR,
        region=hall.unit,
        title=f"{named}工业企业直播带岗",
        venue_name=_venue_name(hall),
        starts_at_ms=STARTS_AT_MS,
    )


def _venue_name(hall: Hall) -> str:
    """Its name without the remark in brackets."""
    return hall.name.split("(")[0]


def turnout() -> tuple[Hall, ...]:
    """The 49 halls with their exact figures, the 20,000 visitors and 6,000 intents among them."""
    return facts().venues


def main(arguments: Sequence[str] | None = None) -> None:
    """Writes the catalogue as JSON."""
    parser = argparse.ArgumentParser(description="Write the Jilin day as a catalogue file.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args(arguments)
    catalogue = generate(options.seed)
    options.file.write_bytes(msgspec.json.encode(catalogue))
    print(f"{options.file}: {len(catalogue.positions)} positions, {catalogue.openings} openings")


if __name__ == "__main__":
    main()
