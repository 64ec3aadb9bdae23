"""How long the texts of a position may be, in characters: what a card, a shelf row and a poster have room for."""

from typing import Final

LIMITS: Final[dict[str, int]] = {
    "title": 40,
    "place": 80,
    "shift": 40,
    "rest": 40,
    "education": 20,
    "employment_type": 20,
    "duties": 1_000,
    "requirements": 1_000,
    "benefits": 200,
}
MOST_OPENINGS: Final = 5_000
