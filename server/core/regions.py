"""The region tree (GB/T 2260): province, city, county, and local units the standard has no code for.

Pure and immutable. Roles, channels and numbers are scoped to a branch of it: one unit and all below.
"""

from collections.abc import Iterable, Iterator

from server.core.model import Region, RegionCode
from server.core.refusal import Code, Refusal


class RegionTree:
    """Regions by code. Every parent is in the tree and no unit is its own ancestor; may have several roots."""

    __slots__ = ("_below", "_by_code", "_paths")

    def __init__(self, regions: Iterable[Region]) -> None:
        """Raises `ValueError` for a code that comes twice, a parent that is not given, and a circle."""
        self._by_code: dict[RegionCode, Region] = {}
        for region in regions:
            if region.code in self._by_code:
                raise ValueError(f"region {region.code} is given twice")
            self._by_code[region.code] = region
        below: dict[RegionCode | None, list[Region]] = {}
        for region in self._by_code.values():
            if region.parent is not None and region.parent not in self._by_code:
                raise ValueError(f"region {region.code} has an unknown parent {region.parent}")
            below.setdefault(region.parent, []).append(region)
        self._below = {parent: tuple(children) for parent, children in below.items()}
        self._paths = {code: self._path(code) for code in self._by_code}

    def _path(self, code: RegionCode) -> tuple[Region, ...]:
        path: list[Region] = []
        at: RegionCode | None = code
        while at is not None:
            if len(path) > len(self._by_code):
                raise ValueError(f"region {code} is below itself")
            path.append(self._by_code[at])
            at = self._by_code[at].parent
        return tuple(path)

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def __iter__(self) -> Iterator[Region]:
        """All regions, parents before their children, siblings in the order given."""
        for root in self._below.get(None, ()):
            yield from self.branch(root.code)

    def __len__(self) -> int:
        return len(self._by_code)

    def get(self, code: RegionCode) -> Region:
        """The region of that code. Raises `Refusal(NOT_FOUND)`."""
        region = self._by_code.get(code)
        if region is None:
            raise Refusal(Code.NOT_FOUND, what="region", id=str(code)[:20])
        return region

    def path(self, code: RegionCode) -> tuple[RegionCode, ...]:
        """The codes of the unit itself and of all it lies in, root last. Raises `Refusal(NOT_FOUND)`."""
        self.get(code)
        return tuple(region.code for region in self._paths[code])

    def parents(self, code: RegionCode) -> tuple[Region, ...]:
        """The way up: the parent first, the root last; empty for a root. Raises `Refusal(NOT_FOUND)`."""
        self.get(code)
        return self._paths[code][1:]

    def children(self, code: RegionCode) -> tuple[Region, ...]:
        """The units directly below, in the order given. Raises `Refusal(NOT_FOUND)`."""
        self.get(code)
        return self._below.get(code, ())

    def branch(self, code: RegionCode) -> tuple[Region, ...]:
        """The unit and all below it, parents before their children. Raises `Refusal(NOT_FOUND)`."""
        found: list[Region] = []
        waiting = [self.get(code)]
        while waiting:
            region = waiting.pop()
            found.append(region)
            waiting.extend(reversed(self._below.get(region.code, ())))
        return tuple(found)

    def within(self, code: RegionCode, branch: RegionCode) -> bool:
        """Whether `code` is `branch` or lies below it. Raises `Refusal(NOT_FOUND)` for a code that is not there."""
        self.get(branch)
        self.get(code)
        return any(region.code == branch for region in self._paths[code])
