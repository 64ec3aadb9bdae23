"""Finding positions: all that seekers may see, by words and by facts, in the order that helps most. Pure."""

from server.core.search.asking import PAGE_LIMIT, Counts, Cursor, Found, Hall, Hit, Query, Spot, read_cursor
from server.core.search.facts import EDUCATIONS, Flag
from server.core.search.index import Index, spot_rank
from server.core.search.search import search
from server.core.search.words import WORDS_LIMIT

__all__ = [
    "EDUCATIONS",
    "PAGE_LIMIT",
    "WORDS_LIMIT",
    "Counts",
    "Cursor",
    "Flag",
    "Found",
    "Hall",
    "Hit",
    "Index",
    "Query",
    "Spot",
    "read_cursor",
    "search",
    "spot_rank",
]
