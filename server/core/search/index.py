"""All positions seekers may see, found by words and facts.

A position has a place in the index that grows and is never given again; one that changes is put in anew and its old
place is dead. So everything is a set of places, kept as bits: 15,543 of them are 2 KiB, and one filter is one `&`.
Order is by place: newest last. Nothing here waits, reads a clock or takes long: a put is about 0.1 ms, a search a few.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Final

from server.core.model import ON_AIR, Position, PositionId, RegionCode, SessionId
from server.core.places import short_names
from server.core.regions import RegionTree
from server.core.search.asking import Hall, Hit, Spot
from server.core.search.bits import Bits, Column, members, of_sorted
from server.core.search.facts import EDUCATIONS, Flag, base_of, flags_of, pay_of, rung_of
from server.core.search.spelling import Spelling
from server.core.search.words import is_latin, pairs, plain, runs, tokens

FROZEN_LIMIT: Final = 2_048
"""Token sets kept as bits: 2,048 of 2 KiB."""
LATIN_LIMIT: Final = 40
WORDS_KEPT: Final = 1_024
NEW_LIMIT: Final = 100
"""Texts that are looked at one by one; with more of them the tokens are quicker."""


class _Texts:
    """Places by the tokens of a text, and the texts, to tell 操作 工 from 操作工."""

    def __init__(self) -> None:
        self._places: dict[str, array[int]] = {}
        self._frozen: dict[str, int] = {}
        self._latin: set[str] = set()
        self._texts: list[str] = []
        self._words: dict[str, tuple[int, int]] = {}  # word to (texts looked at, where it is)

    def add(self, text: str) -> None:
        place = len(self._texts)
        self._texts.append(text)
        for token in tokens(text):
            places = self._places.get(token)
            if places is None:
                places = self._places[token] = array("I")
                if is_latin(token):
                    self._latin.add(token)
            places.append(place)
            self._frozen.pop(token, None)

    def _of(self, token: str) -> int:
        bits = self._frozen.get(token)
        if bits is None:
            places = self._places.get(token)
            bits = of_sorted(places, places[-1]) if places else 0
            if len(self._frozen) >= FROZEN_LIMIT:
                self._frozen.clear()
            self._frozen[token] = bits
        return bits

    def find(self, word: str, among: int) -> int:
        """The places, of those given, whose text has this word. What is asked for again and again (焊工) is looked for
        once, and then in new texts only."""
        upto, bits = self._words.pop(word, (0, 0))
        here = len(self._texts)
        if here - upto > NEW_LIMIT or (here > upto and is_latin(word)):
            bits = self._look(word)
        else:
            for place in range(upto, here):
                if word in self._texts[place]:
                    bits |= 1 << place
        self._words[word] = here, bits
        if len(self._words) > WORDS_KEPT:
            del self._words[next(iter(self._words))]
        return bits & among

    def _look(self, word: str) -> int:
        if is_latin(word):
            begun = sorted(token for token in self._latin if token.startswith(word))[:LATIN_LIMIT]
            found = 0
            for token in begun:
                found |= self._of(token)
            return found
        texts = self._texts
        found = (1 << len(texts)) - 1
        if len(word) > 1:
            for pair in pairs(word):
                found &= self._of(pair)
                if not found:
                    return 0
        if len(word) == 2:
            return found
        places = [place for place in members(found) if word in texts[place]]
        return of_sorted(places, places[-1]) if places else 0


class Index:
    """Positions, shelves and halls, as of what was put in last. Searching: `server.core.search.search`."""

    def __init__(self, tree: RegionTree) -> None:
        self.tree = tree
        self.titles = _Texts()
        self.texts = _Texts()
        self.alive = Bits()
        self.flags: dict[Flag, Bits] = {flag: Bits() for flag in Flag if flag is not Flag.LIVE}
        self.rungs = [Bits() for _ in range(len(EDUCATIONS) + 1)]
        self.regions: dict[RegionCode, Bits] = {}
        self.base, self.pay = Column(), Column()
        self.title_words: dict[str, None] = {}
        self._spoken, self._spoken_places = Spelling(), Spelling()
        self._order: list[tuple[int, PositionId]] = []
        self._positions: list[Position | None] = []
        self._place_of: dict[PositionId, int] = {}
        self._halls: dict[SessionId, Hall] = {}
        self._numbers: dict[SessionId, Mapping[PositionId, int]] = {}
        self._on_shelf: dict[SessionId, Bits] = {}
        self._sessions_of: dict[PositionId, dict[SessionId, None]] = {}
        self._now: tuple[int, int] | None = None
        self._names = {region.code: " ".join((region.name, *short_names(region))) for region in tree}
        self.place_words = frozenset(plain(word) for names in self._names.values() for word in names.split())
        self._places_sorted = sorted(self.place_words)

    def __len__(self) -> int:
        return len(self._place_of)

    @property
    def dead(self) -> int:
        """Places that hold nothing any more. An index with more of them than living ones is worth making anew."""
        return len(self._positions) - len(self._place_of)

    # ---- what is put in ----------------------------------------------------------------------------------------------

    def put(self, position: Position, changed_at_ms: int) -> None:
        """A position seekers may see, new or changed."""
        self.drop(position.id)
        place = len(self._positions)
        self._positions.append(position)
        self._order.append((changed_at_ms, position.id))
        self._place_of[position.id] = place
        path = self._path(position.region)
        title = plain(position.title)
        self.titles.add(title)
        self.texts.add("\n".join((title, plain(_text(position)), *(plain(self._names.get(c, "")) for c in path))))
        for run in runs(title):
            self.title_words[run] = None
        for code in path:
            self.regions.setdefault(code, Bits()).add(place)
        for flag in flags_of(position):
            self.flags[flag].add(place)
        self.rungs[rung_of(position)].add(place)
        self.base.put(place, base_of(position))
        self.pay.put(place, pay_of(position))
        self.alive.add(place)
        for session in self._sessions_of.get(position.id, ()):
            self._on_shelf[session].add(place)
        self._now = None

    def drop(self, position: PositionId) -> None:
        """A position nobody may see any more, or that was never here."""
        place = self._place_of.pop(position, None)
        if place is not None:
            self.alive.discard(place)
            self._positions[place] = None
            self._now = None

    def shelf(self, session: SessionId, numbers: Mapping[PositionId, int]) -> None:
        """The shelf of a session, whole."""
        for position in self._numbers.get(session, {}).keys() - numbers.keys():
            self._sessions_of[position].pop(session, None)
        bits = Bits()
        for position in numbers:
            self._sessions_of.setdefault(position, {})[session] = None
            if (place := self._place_of.get(position)) is not None:
                bits.add(place)
        self._numbers[session], self._on_shelf[session] = dict(numbers), bits
        self._now = None

    def hall(self, hall: Hall) -> None:
        """A session as it is now."""
        if self._halls.get(hall.session) != hall:
            self._halls[hall.session] = hall
            self._now = None

    # ---- what is asked -----------------------------------------------------------------------------------------------

    def spoken(self, typed: str) -> tuple[str, ...]:
        """The words of titles and places that are spoken as these letters are."""
        return self._spoken.words(self.title_words, typed) or self._spoken_places.words(self._places_sorted, typed)

    def on_stage(self) -> tuple[int, int]:
        """The places that are explained at this moment, and those in a hall on air."""
        if self._now is None:
            explained = live = 0
            for hall in self._halls.values():
                if hall.state not in ON_AIR:
                    continue
                if hall.session in self._on_shelf:
                    live |= self._on_shelf[hall.session].frozen
                place = self._place_of.get(hall.explained) if hall.explained else None
                if place is not None:
                    explained |= 1 << place
            self._now = explained, live | explained
        return self._now

    def near(self, code: RegionCode | None) -> tuple[int, int]:
        """The places in that county, and in its city."""
        path = self._path(code) if code else ()
        bits = [self.regions[c].frozen if c in self.regions else 0 for c in path[:2]]
        return (bits[0] if bits else 0), (bits[1] if len(path) > 2 else 0)

    def in_region(self, code: RegionCode) -> int:
        """The places in that unit and below."""
        return self.regions[code].frozen if code in self.regions else 0

    def before(self, changed_at_ms: int, position: PositionId) -> int:
        """The places that stand before that one in the order of pages."""
        return (1 << bisect_left(self._order, (changed_at_ms, position))) - 1

    def ids(self, start: int, number: int) -> list[PositionId]:
        """So many positions from that one on, in the order they were put in."""
        return list(islice(self._place_of, start, start + number))

    def key(self, place: int) -> tuple[int, PositionId]:
        """By what a page goes on after this place."""
        return self._order[place]

    def hit(self, place: int) -> Hit:
        """What is shown of a place that is alive."""
        position = self._positions[place]
        assert position is not None
        return Hit(position=position, spots=self.spots(position.id))

    def spots(self, position: PositionId) -> tuple[Spot, ...]:
        """The halls of a position: where it is explained, then on air, then to come, then over."""
        found = [
            Spot(
                session=session,
                venue=hall.venue,
                venue_name=hall.venue_name,
                state=hall.state,
                number=self._numbers[session][position],
                explained=hall.state in ON_AIR and hall.explained == position,
            )
            for session in self._sessions_of.get(position, ())
            if (hall := self._halls.get(session)) is not None
        ]
        return tuple(sorted(found, key=spot_rank))

    def _path(self, code: RegionCode) -> tuple[RegionCode, ...]:
        return self.tree.path(code) if code in self.tree else (code,)


def spot_rank(spot: Spot) -> tuple[int, str]:
    """Better halls have the smaller rank."""
    states = ("live", "interrupted", "scheduled")
    state = states.index(spot.state.value) if spot.state.value in states else len(states)
    return (-1 if spot.explained else state), spot.session


def _text(position: Position) -> str:
    fields: Iterable[str] = (
        position.enterprise_name,
        position.place,
        position.duties,
        position.requirements,
        position.shift,
        position.rest,
        position.education,
        position.employment_type,
        *position.benefits,
    )
    return "\n".join(fields)
