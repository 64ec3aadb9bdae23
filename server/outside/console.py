"""The sender of a house without a gateway: one line on the operator's terminal, so that a first try works.

Only on a terminal. A service's output ends in a log file, and codes and messages have no business there.
"""

import sys
from typing import TextIO

from server.outside.message import Message, SendFailed


class ConsoleSender:
    """Prints masked number and text. `mute_is_fine`: without a terminal nothing is said and nothing fails, as in a
    demonstration, whose page shows the code itself."""

    def __init__(self, *, mute_is_fine: bool = False, to: TextIO | None = None) -> None:
        self._mute_is_fine = mute_is_fine
        self._to = to

    async def send(self, message: Message) -> None:
        """One line. Raises `SendFailed` when nobody would read it."""
        to = self._to or sys.stdout
        if not to.isatty():
            if self._mute_is_fine:
                return
            raise SendFailed("there is no terminal to print messages on", again=False)
        to.write(f"[to {message.phone[:3]}****{message.phone[-4:]}] {message.text}\n")
        to.flush()

    async def close(self) -> None:
        """Nothing is held."""
