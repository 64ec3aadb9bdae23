"""What strangers send that is no HTTP: counted, and told in few lines, however much of it comes.

aiohttp writes an error with address and traceback for each; anybody could fill a disk, and an address is personal data.
So this stands where aiohttp expects its logger.
"""

import logging
from collections import Counter
from typing import Final

from aiohttp import http_exceptions, web

from server.store.troubles import where_of

log = logging.getLogger(__name__)

EVERY_S: Final = 60.0
"""How often what came is told, while it comes."""
_OF_STRANGERS: Final = (http_exceptions.HttpProcessingError, web.RequestPayloadError, ConnectionError)


class BrokenRequests:
    """aiohttp's logger in one house. A line is written when broken requests begin, then with each `tell` one that
    counts those since the last, by aiohttp's own names of what was wrong. What is a mistake of ours is an error."""

    def __init__(self) -> None:
        self.count = 0
        self._untold: Counter[str] = Counter()
        self._begun = False

    def exception(self, message: str, *_arguments: object, exc_info: BaseException | None = None) -> None:
        """A request ended so. Neither its bytes nor where it came from are written."""
        if isinstance(exc_info, _OF_STRANGERS):
            self._broken(exc_info)
        else:
            log.error("a request was not answered: %s", where_of(exc_info) if exc_info is not None else message)

    def debug(self, _message: str, *_arguments: object, exc_info: BaseException | None = None) -> None:
        """As `exception`, for what aiohttp thinks nothing of: a first line that is not even a method."""
        if isinstance(exc_info, _OF_STRANGERS):
            self._broken(exc_info)

    def warning(self, message: str, *_arguments: object) -> None:
        """What aiohttp has to say beside it. Its arguments may be a stranger's."""
        log.warning("aiohttp: %s", message)

    async def tell(self) -> None:
        """How many there were since it was told last, or that none come any more."""
        if self._untold:
            each = ", ".join(f"{name} {count}" for name, count in sorted(self._untold.items()))
            log.warning("broken requests: %d more (%s)", self._untold.total(), each)
            self._untold.clear()
        elif self._begun:
            log.warning("no more broken requests")
            self._begun = False

    def _broken(self, error: BaseException) -> None:
        self.count += 1
        if self._begun:
            self._untold[type(error).__name__] += 1
        else:
            self._begun = True
            log.warning("broken requests come in, the first: %s", type(error).__name__)
