"""When a message to a phone may go out: never at night.

Nothing that asks nothing at once may wake anybody, and gateways hold such messages back at night anyway; all of the
country lives by Beijing time.
"""

from typing import Final

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
BEIJING_MS: Final = 8 * HOUR_MS
"""Ahead of UTC; no summer time since 1991."""
QUIET_FROM_MS: Final = 21 * HOUR_MS
QUIET_UNTIL_MS: Final = 8 * HOUR_MS


def out_of_quiet(at_ms: int) -> int:
    """That moment, or the next morning at 08:00 when it lies in the quiet hours."""
    of_day = (at_ms + BEIJING_MS) % DAY_MS
    if of_day < QUIET_UNTIL_MS:
        return at_ms + QUIET_UNTIL_MS - of_day
    if of_day >= QUIET_FROM_MS:
        return at_ms + DAY_MS - of_day + QUIET_UNTIL_MS
    return at_ms
