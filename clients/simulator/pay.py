"""What is paid where: a trade's band of 2021, lower in the counties, never under the minimum wage (factors: own)."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from clients.simulator.facts import Unit, is_district
from clients.simulator.luck import Luck
from clients.simulator.trades import Trade
from server.core.model import Region

_LOWEST_FLOOR: Final = 1540
"""Yuan: the lowest minimum wage of the province, for 长白山, which the facts give none."""
_CITY_PERCENT: Final = {"220100": 100, "220200": 95}
_OTHER_CITY_PERCENT: Final = 88
_COUNTY_PERCENT: Final = 82
_SEAT_WITHOUT_DISTRICTS: Final = "222401"
"""延吉 is 延边's city, though a county by its code."""


class Band(NamedTuple):
    """底薪, and 综合 from low to high; yuan a month, base <= low < high."""

    base: int
    low: int
    high: int


def floors(units: tuple[Unit, ...]) -> dict[str, int]:
    """The minimum wages by code: those of 1 December 2021, four days after the fair, which are the higher ones."""
    return {unit.code: unit.min_wage_2021_12_01 for unit in units if unit.min_wage_2021_12_01 is not None}


def draw_band(luck: Luck, trade: Trade, region: Region, minimum_wages: Mapping[str, int]) -> Band:
    """What one enterprise there offers for this trade: a part of the trade's band, in whole hundreds."""
    percent = _percent(region)
    least, most = (end * percent // 100 for end in trade.pay)
    floor = _up(minimum_wages.get(region.code, _LOWEST_FLOOR), 50)
    base = max(floor, luck.between(*trade.base, 100) * percent // 5000 * 50)
    low = max(_up(least + (most - least) * luck.between(0, 40) // 100, 100), _up(base, 100))
    high = low + _up((most - least) * luck.between(30, 60) // 100, 100)
    return Band(base, low, max(high, low + 200))


def _percent(region: Region) -> int:
    if region.code == _SEAT_WITHOUT_DISTRICTS:
        return _OTHER_CITY_PERCENT
    if not is_district(region):
        return _COUNTY_PERCENT
    return _CITY_PERCENT.get(str(region.parent), _OTHER_CITY_PERCENT)


def _up(yuan: int, step: int) -> int:
    return -(-yuan // step) * step
