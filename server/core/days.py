"""The calendar day of a moment, as people here count it: China has one time zone, UTC+8 and no summer time."""

from datetime import UTC, datetime, timedelta
from typing import Final

_AHEAD: Final = timedelta(hours=8)


def day_of(at_ms: int) -> str:
    """The day in China at that moment, ISO 8601."""
    return (datetime.fromtimestamp(at_ms / 1000, UTC) + _AHEAD).date().isoformat()
