"""The calendar day and the clock of a moment, as people here have them: China is at UTC+8, without a summer time."""

from datetime import UTC, datetime, timedelta
from typing import Final

_AHEAD: Final = timedelta(hours=8)


def day_of(at_ms: int) -> str:
    """The day in China at that moment, ISO 8601."""
    return _in_china(at_ms).date().isoformat()


def clock_of(at_ms: int) -> str:
    """The time of that day, HH:MM."""
    return f"{_in_china(at_ms):%H:%M}"


def _in_china(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC) + _AHEAD
