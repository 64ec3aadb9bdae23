"""After a link ended: whether to come back, and when. Pure."""

from server.core.limits import BACKOFF_FIRST_S, BACKOFF_MAX_S, BACKOFF_MIN_S, Close, may_return
from server.core.protocol import Refused
from server.core.refusal import Code, Refusal

SPREAD_MOST_S = 5.0
LOST = 1006
"""RFC 6455 7.1.5: the close code of a link that ended without a close frame."""

_REASONS: dict[int, Code] = {
    Close.BAD_PROTOCOL: Code.UPGRADE,
    Close.WHO_ARE_YOU: Code.NOT_SIGNED_IN,
    Close.FORBIDDEN: Code.FORBIDDEN,
    Close.TOO_MANY: Code.TOO_MANY,
}


class Lost(Exception):
    """The link has ended with this close code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def backoff_s(failures: int, chance: float) -> float:
    """How long to wait after that many failures in a row; `chance` is a random number from 0 to 1."""
    ceiling_s = min(BACKOFF_MAX_S, BACKOFF_FIRST_S * 2.0 ** min(failures, 10))
    return BACKOFF_MIN_S + chance * (ceiling_s - BACKOFF_MIN_S)


def as_told_s(refusal: Refusal | Refused, otherwise_s: float, chance: float) -> float:
    """How long to wait after a temporary refusal: as the hub said, else `otherwise_s`, and some more by `chance` (0 to
    1): several who share what they may ask for, and were put off together, come back one by one."""
    retry_ms = refusal.params.get("retry_ms")
    told_s = retry_ms / 1000 if isinstance(retry_ms, int) else otherwise_s
    return told_s + chance * min(told_s, SPREAD_MOST_S)


def final(end: Exception, *, renewable: bool) -> Exception | None:
    """What ends the session for good, or None: come back. `renewable`: a fresh token can be had."""
    match end:
        case Refusal(code=Code.TOKEN_EXPIRED):
            return None if renewable else end
        case Refusal():
            return None if end.temporary else end
        case Lost(code=Close.RENEW) if not renewable:
            return Refusal(Code.TOKEN_EXPIRED)
        case Lost(code=code) if not may_return(code):
            return Refusal(_REASONS.get(code, Code.FORBIDDEN))
        case _:
            return None
