"""Searching an index: which positions, in which order, and what each further filter would leave.

Order: the very words in the title, then other words for the same there, then words in the text; what is explained now
first, then halls on air, then the others; near before far; newest first. Each of these ranks is a set, so a page is
cut from sets and nothing is sorted.
"""

from collections.abc import Callable, Iterator
from typing import Final

from server.core.model import RegionCode
from server.core.refusal import Code, Refusal
from server.core.search.asking import PAGE_LIMIT, Counts, Cursor, Found, Query
from server.core.search.bits import greatest
from server.core.search.facts import EDUCATIONS, Flag
from server.core.search.index import Index
from server.core.search.words import WORDS_LIMIT, is_latin, known_words, terms, variants

BASE_STEPS: Final = (2000, 2500, 3000, 4000)
PAY_STEPS: Final = (4000, 5000, 6000, 8000)
LONGEST_WORD: Final = 12


def search(index: Index, query: Query) -> Found:
    """The page of that query. Raises `Refusal(TEXT_TOO_LONG)`."""
    if len(query.words) > WORDS_LIMIT:
        raise Refusal(Code.TEXT_TOO_LONG, limit=WORDS_LIMIT)
    exact, in_title, worded = _worded(index, query.words)
    narrowed = _Narrowed(index, query, worded)
    found = narrowed.whole
    page, after = _page(
        index, query, _ranks(index, query, (exact & found, in_title & found & ~exact, found & ~in_title))
    )
    return Found(
        total=found.bit_count(),
        hits=tuple(index.hit(place) for place in page),
        after=after,
        counts=narrowed.counts(),
    )


# ---- words -----------------------------------------------------------------------------------------------------------


def _worded(index: Index, words: str) -> tuple[int, int, int]:
    """The places with all the words: those with these very words in the title, those with all of them or others for
    the same in the title (the first among them), and all."""
    exact = titles = texts = index.alive.frozen
    asked = _together(index, terms(words))
    if not asked:
        return (0, 0, 0) if words.strip() else (0, 0, texts)
    for term in asked:
        found_titles, found_texts = _term(index, term, texts)
        texts &= found_texts
        titles &= found_titles
        if not texts:
            return 0, 0, 0
        exact &= index.titles.find(term, titles)
    return exact & titles & texts, titles & texts, texts


def _together(index: Index, asked: tuple[str, ...]) -> tuple[str, ...]:
    """What is asked for, syllables that were set apart as the one word they are: han gong."""
    word = "".join(asked)
    return (word,) if len(asked) > 1 and word.isascii() and index.spoken(word) else asked


def _term(index: Index, term: str, among: int) -> tuple[int, int]:
    """The places with that term or another word for it; where there is none, with all the known words it is made of
    (长春焊工 is 长春 and 焊工), and for letters with the words that are spoken like that (hangong is 焊工)."""
    titles, texts = _any_of(index, variants(term), among)
    if texts:
        return titles, texts
    if is_latin(term):
        spoken = index.spoken(term)
        return _any_of(index, spoken, among) if spoken else (0, 0)
    parts = _parts(index, term)
    if not parts or parts == [term]:
        return 0, 0
    titles = texts = among
    for part in parts:
        title, text = _any_of(index, variants(part), among)
        texts &= text
        titles &= text if part in index.place_words else title
    return titles, texts


def _any_of(index: Index, words: tuple[str, ...], among: int) -> tuple[int, int]:
    titles = texts = 0
    for word in words:
        texts |= index.texts.find(word, among)
    for word in words:
        titles |= index.titles.find(word, texts)
    return titles, texts


def _parts(index: Index, term: str) -> list[str]:
    """The known words in a term from left to right, the longest first: places, titles, words with others like them.
    What lies between is nothing anybody wrote."""
    parts, at = [], 0
    while at < len(term):
        for size in range(min(LONGEST_WORD, len(term) - at), 1, -1):
            word = term[at : at + size]
            if word in index.place_words or word in _KNOWN or word in index.title_words:
                parts.append(word)
                at += size
                break
        else:
            at += 1
    return list(dict.fromkeys(parts))


_KNOWN: Final = known_words()


# ---- filters and their counts ----------------------------------------------------------------------------------------


class _Narrowed:
    """What the filters leave of a set, each group by itself, so that a count may leave one out."""

    def __init__(self, index: Index, query: Query, worded: int) -> None:
        self._index = index
        self._query = query
        live = index.on_stage()[1]
        for flag in query.flags:
            worded &= live if flag is Flag.LIVE else index.flags[flag].frozen
        self._flagged = worded
        self._region = worded if query.region is None else worded & index.in_region(query.region)
        self._base = index.base.at_least(query.base, worded) if query.base else worded
        self._pay = index.pay.at_least(query.pay, worded) if query.pay else worded
        self._education = self._may(query.education) & worded
        self.whole = self._region & self._base & self._pay & self._education

    def counts(self) -> Counts:
        """How many each further choice would leave."""
        index, whole = self._index, self.whole
        without_base = self._region & self._pay & self._education
        without_pay = self._region & self._base & self._education
        without_education = self._region & self._base & self._pay
        without_region = self._base & self._pay & self._education
        flags = {flag: (whole & bits.frozen).bit_count() for flag, bits in index.flags.items()}
        flags[Flag.LIVE] = (whole & index.on_stage()[1]).bit_count()
        return Counts(
            flags=flags,
            base=_steps(BASE_STEPS, lambda least: index.base.at_least(least, without_base)),
            pay=_steps(PAY_STEPS, lambda least: index.pay.at_least(least, without_pay)),
            education={
                name: (self._may(rung) & without_education).bit_count() for rung, name in enumerate(EDUCATIONS, start=1)
            },
            regions=dict(self._regions(without_region)),
        )

    def _may(self, rung: int) -> int:
        """The places that take somebody of that education; all for 0."""
        if not rung:
            return self._flagged
        found = 0
        for bits in self._index.rungs[: rung + 1]:
            found |= bits.frozen
        return found

    def _regions(self, among: int) -> Iterator[tuple[RegionCode, int]]:
        """Units on the way to the chosen one and those directly below each; from the top ones when none is chosen."""
        tree, chosen = self._index.tree, self._query.region
        open_ = {None, *(tree.path(chosen) if chosen is not None and chosen in tree else ())}
        for code, bits in self._index.regions.items():
            if code not in tree:
                continue
            parent = tree.get(code).parent
            # A tree of one province: its cities are what is chosen among, so they are always told.
            top = parent is not None and tree.get(parent).parent is None
            if (parent in open_ or top) and (number := (among & bits.frozen).bit_count()):
                yield code, number


def _steps(steps: tuple[int, ...], of: Callable[[int], int]) -> dict[int, int]:
    return {step: of(step).bit_count() for step in steps}


# ---- order and pages -------------------------------------------------------------------------------------------------


def _ranks(index: Index, query: Query, worded: tuple[int, ...]) -> Iterator[int]:
    """The sets of equal rank, best first; none has a place twice. `worded`: what was found, by how well it fits."""
    explained, live = index.on_stage()
    county, city = index.near(query.near or query.region)
    for fitting in worded:
        for now in (fitting & explained, fitting & live & ~explained, fitting & ~live):
            yield from (now & county, now & city & ~county, now & ~city & ~county)


def _page(index: Index, query: Query, ranks: Iterator[int]) -> tuple[list[int], Cursor | None]:
    limit = max(1, min(query.limit, PAGE_LIMIT))
    page: list[int] = []
    rank_of_last = 0
    for rank, bits in enumerate(ranks):
        if query.after is not None:
            if rank < query.after.rank:
                continue
            if rank == query.after.rank:
                bits &= index.before(query.after.changed_at_ms, query.after.position)
        if not bits:
            continue
        if len(page) == limit:
            return page, Cursor(rank_of_last, *index.key(page[-1]))
        more = greatest(bits, limit - len(page))
        page += more
        rank_of_last = rank
        if bits.bit_count() > len(more):
            return page, Cursor(rank, *index.key(page[-1]))
    return page, None
