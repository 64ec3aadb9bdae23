"""Where things are: the region tree, fairs and their venues."""

from enum import StrEnum

from server.core.model.ids import FairId, RegionCode, Value, VenueId


class Level(StrEnum):
    """Levels of the region tree (GB/T 2260): province, city (地级), county (县级)."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"


class Region(Value, frozen=True, kw_only=True):
    """One unit of the region tree. `code` is GB/T 2260, or a local code where the standard has none."""

    code: RegionCode
    name: str
    level: Level
    parent: RegionCode | None = None
    lon: float | None = None
    lat: float | None = None


class Fair(Value, frozen=True, kw_only=True):
    """招聘会: one whole day over many venues. `on_day` is ISO 8601, local to the province."""

    id: FairId
    title: str
    on_day: str
    region: RegionCode
    synthetic: bool = False


class Venue(Value, frozen=True, kw_only=True):
    """会场: one hall of a fair."""

    id: VenueId
    fair: FairId
    name: str
    region: RegionCode
