"""What a Redis of another house answers, bounded while it is read: it says how long each part of an answer is before it
sends it, so nothing too large ever comes into memory, whatever that Redis holds and whether or not it tells the truth.

Asking for the size first would take a second trip and one more word in that province's access list, and would believe
the very Redis that is in doubt.
"""

from typing import Any, Final

from redis._parsers.resp2 import _AsyncRESP2Parser  # redis-py has no public bound, but takes a parser
from redis.exceptions import ConnectionError

MOST_ANSWER_BYTES: Final = 4 * 1024 * 1024
"""One answer, with all its parts: a set of a stage, the largest thing that is read there, has a tenth of it."""
MOST_PARTS: Final = 2_048
"""Of one answer: four times what a set has."""


class TooLarge(ConnectionError):
    """The rest of the answer is on its way, so the connection is given up."""


class BoundedParser(_AsyncRESP2Parser):
    """The parser of redis-py in Python, for connections to other houses."""

    def __init__(self, socket_read_size: int) -> None:
        super().__init__(socket_read_size)
        self._bytes_left = MOST_ANSWER_BYTES
        self._parts_left = MOST_PARTS

    async def read_response(self, disable_decoding: bool = False) -> Any:
        """One answer. Raises `TooLarge` before more than MOST_ANSWER_BYTES of it were read."""
        self._bytes_left, self._parts_left = MOST_ANSWER_BYTES, MOST_PARTS
        try:
            return await super().read_response(disable_decoding)
        except (ValueError, RecursionError):  # a line without end, a length that is none, lists in lists
            raise TooLarge("another province's Redis answers with what is no answer") from None

    async def _read(self, length: int) -> bytes:
        self._bytes_left -= max(0, length)
        if length < 0 or self._bytes_left < 0:
            raise TooLarge("another province's Redis answers with too much")
        data: bytes = await super()._read(length)
        return data

    async def _readline(self) -> bytes:
        self._parts_left -= 1
        if self._parts_left < 0:
            raise TooLarge("another province's Redis answers in too many parts")
        line: bytes = await super()._readline()
        return line
