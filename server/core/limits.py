"""Every number of the protocol: limits, deadlines and close codes. `docs/protocol.md` and `protocol.js` print them."""

from enum import IntEnum
from typing import Final

PROTOCOL_VERSION: Final = 1

MAX_IN_BYTES: Final = 16 * 1024
"""Largest message a client may send (OWASP asks for at most 64 KiB)."""
MAX_OUT_BYTES: Final = 64 * 1024
"""Largest websocket message the server sends; longer batches are cut into several."""
MAX_NESTING: Final = 8
"""Deepest nesting of a client's message."""
TEXT_LIMIT: Final = 200
"""Characters of one chat line or note."""
NAME_LIMIT: Final = 20
"""Characters of a person's name."""
KEY_LIMIT: Final = 64
"""Characters of an idempotency key."""
CHANNELS_LIMIT: Final = 64
"""Channels one connection may have joined."""
RECOVERY_LIMIT: Final = 500
"""Entries a recovery gives at most; who missed more gets the snapshot."""
RING_ENTRIES: Final = 256
"""Entries a hub keeps in memory per room; older ones are read from the store."""
CHAT_BACKLOG: Final = 50
"""Chat lines given to a newcomer."""
LIST_LIMIT: Final = 100
"""Rows of one page of a list."""
MIN_AGE_YEARS: Final = 16
"""Nobody younger may be hired (劳动法 Art. 15)."""

HELLO_WITHIN_S: Final = 10.0
"""A websocket whose first message has not come by then is closed with 4501."""
REQUEST_WITHIN_S: Final = 10.0
"""A stranger that has not sent a whole HTTP request by then is cut off."""
PING_EVERY_S: Final = 25.0
PONG_WITHIN_S: Final = 8.0
STUCK_AFTER_S: Final = 10.0
"""Bytes waiting this long for one viewer: it leaves its rooms and is aborted."""
HOLE_PATIENCE_S: Final = 0.05
"""How long a hole in a room waits for a hub that announces out of order."""
KEYS_KEPT_DAYS: Final = 7

COMMANDS_PER_S: Final = 5.0
COMMANDS_BURST: Final = 20
APPLIES_PER_S: Final = 1.0
APPLIES_BURST: Final = 5
CONNECTIONS_PER_PERSON: Final = 5


class Close(IntEnum):
    """Close codes. 4000-4499: come back (with backoff); 4500-4999: do not. A client needs only the range."""

    RESTART = 4001
    SLOW = 4002
    NO_PONG = 4003
    RENEW = 4005
    BAD_PROTOCOL = 4500
    WHO_ARE_YOU = 4501
    FORBIDDEN = 4502
    TOO_MANY = 4504
