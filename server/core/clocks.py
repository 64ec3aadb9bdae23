"""How far two clocks may be apart. Pure."""

from typing import Final

CLOCK_OFF_MS: Final = 30_000
"""Tokens, interview times and the order of cards as people see it hang on the clock; NTP keeps it to milliseconds."""


def clock_off(here_ms: int, there_ms: int, whose: str) -> str | None:
    """A sentence with what to do when they are too far apart. `whose`: the other machine is named by it."""
    off_s = (here_ms - there_ms) / 1000
    if abs(off_s) * 1000 <= CLOCK_OFF_MS:
        return None
    way = "ahead of" if off_s > 0 else "behind"
    return (
        f"the clock of this machine is {abs(off_s):.0f} s {way} that of {whose}: one of the two is wrong; "
        "let NTP set both (chronyc tracking shows it), then start again"
    )
