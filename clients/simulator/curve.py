"""The clock of the day and how people come: shares of arrivals by the hour, stays, visits. Seconds since midnight in
Jilin. A considered guess, but for the hours the newspaper tells."""

from typing import Final

HOUR: Final = 3600
OPEN_S: Final = 8.5 * HOUR
"""Halls are open, people come."""
START_S: Final = 9.0 * HOUR
"""All halls go on air together."""
RELAY_UNTIL_S: Final = START_S + 20 * 60
"""The opening of the main hall is relayed into all others until then."""
COUNTY_END_S: Final = 15.5 * HOUR
MAIN_END_S: Final = 16.5 * HOUR
RESTART_S: Final = 10.2 * HOUR
"""10:12, when a hub or what it leans on is restarted if that was asked for."""

ARRIVALS: Final[tuple[tuple[float, float], ...]] = (
    (8.5, 4),
    (8.75, 7),
    (9.0, 15),
    (9.25, 9),
    (9.75, 13),
    (10.25, 9),
    (11.0, 5),
    (11.75, 4),
    (12.75, 6),
    (13.5, 12),
    (14.25, 8),
    (15.0, 5),
    (15.75, 3),
)
"""From which hour on, and how many of a hundred arrivals until the next: all at nine, peaks at 10:10 and 13:45."""

STAYS_S: Final = (40, 90, 150, 240, 360, 540, 780, 1100, 1600, 2400, 4000)
"""How long a visit lasts, by its quantiles: half of them six minutes or less."""

VISITS: Final = ((1, 50.0), (2, 28.0), (3, 13.0), (5, 9.0))
"""How often somebody comes, by weight."""

HALL_EXPONENT_LOG: Final = 0.9
"""Of the halls other than one's own, the k-th largest draws 1 / k^0.9 (Zipf)."""


def clock(seconds: float) -> str:
    """09:20:05"""
    whole = int(seconds)
    return f"{whole // HOUR:02d}:{whole % HOUR // 60:02d}:{whole % 60:02d}"


def seconds_of(text: str) -> float:
    """Seconds since midnight of HH:MM. Raises `ValueError`."""
    hours, _, minutes = text.partition(":")
    found = int(hours) * HOUR + int(minutes or 0) * 60
    if not 0 <= found <= 24 * HOUR:
        raise ValueError(f"wants HH:MM, got {text!r}")
    return float(found)
