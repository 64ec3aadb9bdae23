"""When a message to a phone may go out: never at night.

Commercial messages are not sent between 21:00 and 08:00 (the operators' own rule for port messages, which follows
通信短信息服务管理规定 Art. 18 and 20: nobody is bothered); all of the country lives by Beijing time.
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
