"""Who comes when, where and for how long."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import zip_longest
from math import inf
from typing import NamedTuple

from clients.simulator import curve
from clients.simulator.luck import Luck
from clients.simulator.plan import Act, HallPlan, Visit, Wish

_AT_HOME = 0.7
_LEAST_STAY_S = 30.0
_TRIES = 24
_LONGEST = 512
_STEPS = 12


class Drawn(NamedTuple):
    """A visit before it is known how long stays are."""

    person: int
    hall: int
    at_s: float
    stay_s: float


class Visits:
    """The visits of a day by arrival, and what is done in each. `peak` is how many are there at the same time."""

    def __init__(self, visits: Sequence[Visit], halls: int) -> None:
        self._visits = sorted(visits, key=lambda visit: (visit.at_s, visit.person))
        self._acts: list[list[Act]] = [[] for _ in self._visits]
        self._of_hall: list[list[int]] = [[] for _ in range(halls)]
        for number, visit in enumerate(self._visits):
            self._of_hall[visit.hall].append(number)
        self._arrivals = [[self._visits[number].at_s for number in numbers] for numbers in self._of_hall]
        self.peak = peak_of(self._visits)

    def __len__(self) -> int:
        return len(self._visits)

    def __getitem__(self, number: int) -> Visit:
        return self._visits[number]

    def add(self, number: int, act: Act) -> None:
        """Something more to do in that visit."""
        self._acts[number].append(act)

    def any_of(self, luck: Luck, hall: int) -> int:
        """Some visit of that hall."""
        return luck.pick(self._of_hall[hall])

    def of(self, hall: int) -> Sequence[int]:
        """The visits of that hall by arrival."""
        return self._of_hall[hall]

    def there_at(self, luck: Luck, hall: int, at_s: float) -> int | None:
        """A visit of that hall that is under way then, if some tries find one."""
        came = bisect_right(self._arrivals[hall], at_s)
        for _ in range(_TRIES if came else 0):
            number = self._of_hall[hall][luck.below(came)]
            if self._visits[number].until_s > at_s:
                return number
        return None

    def within(self, luck: Luck, number: int, hall: HallPlan) -> float:
        """A moment of that visit while the hall is on air, or as near as can be."""
        visit = self._visits[number]
        first, last = max(visit.at_s, hall.start_s + 1), min(visit.until_s, hall.end_s - 60)
        return first + (luck.below(1000) / 1000) * max(0.0, last - first)

    def finished(self) -> tuple[Visit, ...]:
        """All of them with what is done in each, in order."""
        return tuple(
            Visit(
                person=visit.person,
                hall=visit.hall,
                at_s=visit.at_s,
                until_s=visit.until_s,
                acts=tuple(sorted(acts, key=lambda act: act.at_s)),
            )
            for visit, acts in zip(self._visits, self._acts, strict=True)
        )


def draw_visits(luck: Luck, wish: Wish, halls: tuple[HallPlan, ...]) -> Visits:
    """Everybody's visits: the first in the hall of one's own county, the stays as long as the wished peak needs."""
    by_size = sorted(range(len(halls)), key=lambda index: (-halls[index].visitors, index))
    zipf = [(index, float((rank + 1) ** -curve.HALL_EXPONENT_LOG)) for rank, index in enumerate(by_size)]
    homes = [index for index, hall in enumerate(halls) for _ in range(hall.visitors)]
    drawn: list[Drawn] = []
    for person, home in enumerate(homes):
        for visit in range(luck.weighted(curve.VISITS)):
            hall = home if visit == 0 or luck.chance(_AT_HOME) else luck.weighted(zipf)
            at_s = _arrival(luck, halls[hall].end_s)
            stay_s = luck.pick(curve.STAYS_S) * (0.7 + luck.below(600) / 1000)
            drawn.append(Drawn(person, hall, at_s, stay_s))
    wanted = wish.at_once or wish.viewers * 3 // 8
    return Visits(_stretched(drawn, halls, wanted), len(halls))


def _arrival(luck: Luck, end_s: float) -> float:
    """When somebody comes: by the curve, squeezed into a day that ends earlier."""
    hour = luck.weighted([(index, weight) for index, (_, weight) in enumerate(curve.ARRIVALS)])
    first = curve.ARRIVALS[hour][0]
    last = curve.ARRIVALS[hour + 1][0] if hour + 1 < len(curve.ARRIVALS) else 16.25
    at_s = (first + (last - first) * luck.below(10_000) / 10_000) * curve.HOUR
    latest_s = end_s - 120
    if at_s > latest_s:
        at_s = curve.START_S + (latest_s - curve.START_S) * luck.below(10_000) / 10_000
    return at_s


def _stretched(drawn: Sequence[Drawn], halls: tuple[HallPlan, ...], wanted: int) -> list[Visit]:
    """The stays, all by one factor, so that the peak is as wished or as near as the day allows. Nobody is in two halls
    at once: who comes again leaves the visit before."""
    ordered = sorted(drawn, key=lambda one: (one.person, one.at_s, one.hall))
    latest = [
        min(halls[one.hall].end_s, after.at_s if after is not None and after.person == one.person else inf)
        for one, after in zip_longest(ordered, ordered[1:])
    ]
    comes = sorted(one.at_s for one in ordered)

    def ends(factor: float) -> list[float]:
        stays = zip(ordered, latest, strict=True)
        return [min(one.at_s + max(_LEAST_STAY_S, one.stay_s * factor), last) for one, last in stays]

    low, high = 0.0, 1.0
    while _peak(comes, sorted(ends(high))) < wanted and high < _LONGEST:
        low, high = high, high * 2
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if _peak(comes, sorted(ends(middle))) < wanted:
            low = middle
        else:
            high = middle
    return [
        Visit(person=one.person, hall=one.hall, at_s=one.at_s, until_s=until_s)
        for one, until_s in zip(ordered, ends(high), strict=True)
    ]


def peak_of(visits: Sequence[Visit]) -> int:
    """How many visits are under way at the same time at most; who leaves at the moment another comes is gone."""
    return _peak(sorted(visit.at_s for visit in visits), sorted(visit.until_s for visit in visits))


def _peak(comes: Sequence[float], goes: Sequence[float]) -> int:
    most = gone = 0
    for come, at_s in enumerate(comes, start=1):
        while goes[gone] <= at_s:
            gone += 1
        most = max(most, come - gone)
    return most
