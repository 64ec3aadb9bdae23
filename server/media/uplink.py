"""What several workers of one machine send to players, each known to all: they share an uplink, and its cap.

One picture is one worker's (`web/passing`), so a part of the cap for each would leave a full hall short while the
others send nothing. A slot for each lies in a file of the directory that has their doors to each other.
"""

import mmap
import os
import struct
from pathlib import Path
from typing import Final

SEEN_S: Final = 15.0
"""A player that asked for nothing for so long has left, and so has a worker that told nothing."""
FILE_NAME: Final = "uplink"
_SLOT: Final = struct.Struct("=qd")


class SharedUplink:
    """The slots, as worker `number` of `count` sees them. Times are of the machine's monotonic clock."""

    def __init__(self, directory: Path, number: int, count: int) -> None:
        self._number = number
        size = _SLOT.size * count
        file = os.open(directory / FILE_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.ftruncate(file, size)  # what the others have written stays
            self._slots = mmap.mmap(file, size)
        finally:
            os.close(file)

    def tell(self, kbit_s: int, now_s: float) -> None:
        """What this worker sends."""
        _SLOT.pack_into(self._slots, self._number * _SLOT.size, kbit_s, now_s)

    def others(self, now_s: float) -> int:
        """What all others send, in kbit/s."""
        slots = enumerate(_SLOT.iter_unpack(self._slots[:]))
        return sum(kbit_s for number, (kbit_s, at_s) in slots if number != self._number and now_s - at_s <= SEEN_S)
