"""What one network address may ask of the house, whoever its people say they are: a guest's token costs nothing, a
message to a phone costs money, and a report somebody's time."""

from functools import partial
from typing import Final

from aiohttp import web

from server.config import is_loopback
from server.core.protocol import Apply, AskCode, Command, Report
from server.core.refusal import Code, Refusal
from server.hub.connection import Gate
from server.web.origin import Callers
from server.web.rationing import Ration, Rations

CODES_SHARE: Final = 4
"""An address gets this part of the house's codes within an hour, half of it at once after a rest: a hall, or a whole
operator's phones, may share one; and nobody from one address leaves the house without."""
CODES_LEAST: Final = 5
HOUR_S: Final = 3600
REPORTS_AN_HOUR: Final = 60
REPORTS_BURST: Final = 30
"""More than a hall has ever to complain of within minutes."""
APPLIES_PER_S: Final = 20.0
APPLIES_BURST: Final = 3_000
"""A hall or campus that applies together, and then one of 5,000 people in which everybody applies 14 times an hour. A
page keeps what is over it and sends it again."""


class Gates:
    """For each request or websocket, the gate its commands go through."""

    def __init__(self, callers: Callers, codes_per_hour: int, rations: Rations) -> None:
        self._callers = callers
        share = max(codes_per_hour // CODES_SHARE, CODES_LEAST)
        self._codes = rations.of_address(share / HOUR_S, max(share // 2, CODES_LEAST))
        self._applies = rations.of_address(APPLIES_PER_S, APPLIES_BURST)
        self._reports = rations.of_address(REPORTS_AN_HOUR / HOUR_S, REPORTS_BURST)

    def __call__(self, request: web.Request) -> Gate:
        """The gate of who is asking."""
        return self.of(self._callers.address(request))

    def of(self, address: str) -> Gate:
        """The gate of who comes from that address."""
        return partial(self._let_through, address)

    def _let_through(self, address: str, command: Command) -> None:
        if isinstance(command, AskCode):
            _take(self._codes, address, Code.CODE_TOO_OFTEN)
        elif isinstance(command, Report):
            _take(self._reports, address, Code.TOO_MANY)
        elif isinstance(command, Apply) and not is_loopback(address):  # a program at this very machine is no stranger
            self._applies.take(address)


def _take(ration: Ration, address: str, code: Code) -> None:
    """Raises `Refusal(code)`, not a temporary one: no page shall wait for minutes, a person decides."""
    try:
        ration.take(address)
    except Refusal as refusal:
        raise Refusal(code, retry_ms=refusal.params["retry_ms"]) from None
