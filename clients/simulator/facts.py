"""The figures of 27 November 2021, read from `data/jilin-2021-11-27.json`: units, halls, what each hall had.

The totals of the day and the main hall's are from a newspaper; the other halls' are allocated by population so that
every sum is exact. Each file beside it that is a guess says so.
"""

from pathlib import Path
from typing import Final

import msgspec

from server.core.model import Level, Region, RegionCode, VenueId
from server.core.regions import RegionTree

PROVINCE: Final = RegionCode("220000")
CHANGBAISHAN: Final = RegionCode("CBS")
"""长白山保护开发区: provincial papers list it beside the counties, GB/T 2260 has no code for it."""

_FILE: Final = Path(__file__).parent / "data" / "jilin-2021-11-27.json"


class Unit(msgspec.Struct, frozen=True):
    """A unit of GB/T 2260 with its monthly minimum wage from 1 December 2021, in yuan."""

    code: str
    name: str
    level: str
    parent: str
    lonlat: tuple[float, float]
    min_wage_2021_12_01: int | None = None


class Hall(msgspec.Struct, frozen=True):
    """One of the 49 halls: what it offered, how many people came, and 初步意向 at the end of the day."""

    id: VenueId
    unit: RegionCode
    name: str
    lonlat: tuple[float, float]
    enterprises: int
    titles: int
    openings: int
    visitors: int
    intents: int


class Facts(msgspec.Struct, frozen=True):
    """The whole file."""

    units: tuple[Unit, ...]
    venues: tuple[Hall, ...]


def facts() -> Facts:
    """The file, read and checked for its form."""
    return msgspec.json.decode(_FILE.read_bytes(), type=Facts)


def regions(known: Facts) -> tuple[Region, ...]:
    """Jilin: the province, 9 cities, 60 counties and 长白山; parents before their children."""
    found = [Region(code=PROVINCE, name="吉林省", level=Level.PROVINCE)]
    for unit in known.units:
        found.append(
            Region(
                code=RegionCode(unit.code),
                name=unit.name,
                level=Level.CITY if unit.level == "prefecture" else Level.COUNTY,
                parent=RegionCode(unit.parent),
                lon=unit.lonlat[0],
                lat=unit.lonlat[1],
            )
        )
    lon, lat = next(hall.lonlat for hall in known.venues if hall.unit == CHANGBAISHAN)
    found.append(
        Region(code=CHANGBAISHAN, name="长白山保护开发区", level=Level.COUNTY, parent=PROVINCE, lon=lon, lat=lat)
    )
    return tuple(RegionTree(found))


def is_district(region: Region) -> bool:
    """Whether the unit is a district of a city, named together with it: 长春市绿园区."""
    return region.level is Level.COUNTY and region.code != CHANGBAISHAN and region.name.endswith("区")
