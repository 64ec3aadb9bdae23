"""Every number of the protocol: limits, deadlines and close codes.

`docs/protocol.md` and `protocol.js` print `LIMITS`. A constant that is missing from `LIMITS`
fails a test, so that no number of the protocol stays unexplained.
"""

from enum import IntEnum
from typing import Final, NamedTuple

PROTOCOL_VERSION: Final = 1

MAX_IN_BYTES: Final = 16 * 1024
HELLO_BYTES: Final = 4 * 1024
MAX_OUT_BYTES: Final = 64 * 1024
MAX_NESTING: Final = 8
TEXT_LIMIT: Final = 200
NAME_LIMIT: Final = 20
KEY_LIMIT: Final = 64
SOURCE_LIMIT: Final = 32
CHANNELS_LIMIT: Final = 64
RECOVERY_LIMIT: Final = 500
RING_ENTRIES: Final = RECOVERY_LIMIT
CHAT_BACKLOG: Final = 50
LIST_LIMIT: Final = 100
MOST_POSITIONS: Final = 500
MIN_AGE_YEARS: Final = 16
NOTICE_LIMIT: Final = 100
LAUNCH_IN_LEAST_MS: Final = 1_000
LAUNCH_IN_MOST_MS: Final = 60_000
LAUNCH_SHOWN_S: Final = 60.0
CAPTION_LIMIT: Final = 60
REOPEN_WITHIN_S: Final = 15 * 60
SLOW_MAX_S: Final = 120
REPORTS_PER_HOUR: Final = 10
REPLY_DUE_MS: Final = 24 * 60 * 60 * 1000

NOTICE_AFTER_S: Final = 120.0
SEEN_LIMIT: Final = 50
INVITATION_DAYS: Final = 7
PASSWORD_LEAST: Final = 8
CODE_DIGITS: Final = 6
CODE_VALID_S: Final = 300.0
CODE_TRIES: Final = 5
CODE_AGAIN_S: Final = 60.0
CODES_PER_HOUR: Final = 5
CODES_PER_DAY: Final = 10

HELLO_WITHIN_S: Final = 10.0
REQUEST_WITHIN_S: Final = 10.0
PING_EVERY_S: Final = 25.0
PONG_WITHIN_S: Final = 8.0
STUCK_AFTER_S: Final = 10.0
HOLE_PATIENCE_S: Final = 0.05
KEYS_KEPT_DAYS: Final = 7

COMMANDS_PER_S: Final = 5.0
COMMANDS_BURST: Final = 20
APPLIES_PER_S: Final = 1.0
APPLIES_BURST: Final = 5
CONNECTIONS_PER_PERSON: Final = 5

BACKOFF_MIN_S: Final = 0.5
BACKOFF_FIRST_S: Final = 2.0
BACKOFF_MAX_S: Final = 10.0
POLL_AFTER_S: Final = 8.0


class Limit(NamedTuple):
    """One number of the protocol with its unit and its meaning."""

    name: str
    value: float
    unit: str
    text: str


LIMITS: Final = (
    Limit(
        "MAX_IN_BYTES",
        MAX_IN_BYTES,
        "bytes",
        "Largest message a client may send (OWASP asks for at most 64 KiB).",
    ),
    Limit(
        "HELLO_BYTES",
        HELLO_BYTES,
        "bytes",
        "Largest first message: a token has 2048 characters at most, and thousands of strangers may wait at once.",
    ),
    Limit(
        "MAX_OUT_BYTES",
        MAX_OUT_BYTES,
        "bytes",
        "Largest websocket message the server sends; longer batches are cut into several. A single longer "
        "message goes alone.",
    ),
    Limit("MAX_NESTING", MAX_NESTING, "levels", "Deepest nesting of maps and lists in a client's message."),
    Limit("TEXT_LIMIT", TEXT_LIMIT, "characters", "Longest chat line or note."),
    Limit("NAME_LIMIT", NAME_LIMIT, "characters", "Longest name of a person."),
    Limit("KEY_LIMIT", KEY_LIMIT, "characters", "Longest idempotency key."),
    Limit("SOURCE_LIMIT", SOURCE_LIMIT, "characters", "Longest source code: where a seeker came from (`?from=`)."),
    Limit("CHANNELS_LIMIT", CHANNELS_LIMIT, "channels", "Channels one connection may have joined."),
    Limit(
        "RECOVERY_LIMIT",
        RECOVERY_LIMIT,
        "entries",
        "Entries a recovery gives at most; who missed more gets the snapshot.",
    ),
    Limit(
        "RING_ENTRIES",
        RING_ENTRIES,
        "entries",
        "Entries a hub keeps in memory per room: all that a recovery gives.",
    ),
    Limit("CHAT_BACKLOG", CHAT_BACKLOG, "lines", "Chat lines given to a newcomer."),
    Limit("LIST_LIMIT", LIST_LIMIT, "rows", "Rows of one page of a list."),
    Limit("MOST_POSITIONS", MOST_POSITIONS, "positions", "Positions one command may review; more are left waiting."),
    Limit("REPLY_DUE_MS", REPLY_DUE_MS, "ms", "An application unanswered by then lowers the reply rate."),
    Limit("MIN_AGE_YEARS", MIN_AGE_YEARS, "years", "Nobody younger may be hired (劳动法 Art. 15)."),
    Limit(
        "NOTICE_AFTER_S",
        NOTICE_AFTER_S,
        "s",
        "A step that no open page says it saw (`saw`) by then goes out to the phone, at night the next morning.",
    ),
    Limit("SEEN_LIMIT", SEEN_LIMIT, "applications", "Applications named by one `saw`."),
    Limit("INVITATION_DAYS", INVITATION_DAYS, "days", "How long an invitation is good."),
    Limit("PASSWORD_LEAST", PASSWORD_LEAST, "characters", "Shortest password."),
    Limit("CODE_DIGITS", CODE_DIGITS, "digits", "Length of a code sent to a phone."),
    Limit("CODE_VALID_S", CODE_VALID_S, "s", "How long a code is good."),
    Limit("CODE_TRIES", CODE_TRIES, "tries", "Wrong tries after which a code is void."),
    Limit("CODE_AGAIN_S", CODE_AGAIN_S, "s", "Shortest time between two codes to one number or for one person."),
    Limit("CODES_PER_HOUR", CODES_PER_HOUR, "codes", "Codes within an hour to one number, or for one person."),
    Limit("CODES_PER_DAY", CODES_PER_DAY, "codes", "The same within 24 hours."),
    Limit("NOTICE_LIMIT", NOTICE_LIMIT, "characters", "Longest pinned notice (置顶公告): two lines on a phone."),
    Limit("LAUNCH_IN_LEAST_MS", LAUNCH_IN_LEAST_MS, "ms", "Soonest a launch (开幕) is shown after it was said."),
    Limit("LAUNCH_IN_MOST_MS", LAUNCH_IN_MOST_MS, "ms", "Latest a launch is shown after it was said."),
    Limit("LAUNCH_SHOWN_S", LAUNCH_SHOWN_S, "s", "How long a launch stands on a page."),
    Limit("CAPTION_LIMIT", CAPTION_LIMIT, "characters", "Longest caption (字幕): three rows on a phone's picture."),
    Limit("REOPEN_WITHIN_S", REOPEN_WITHIN_S, "s", "How long after its end a host may reopen a session."),
    Limit("SLOW_MAX_S", SLOW_MAX_S, "s", "Slowest slow mode of a chat."),
    Limit("REPORTS_PER_HOUR", REPORTS_PER_HOUR, "reports", "Reports (举报) of one person within an hour."),
    Limit(
        "HELLO_WITHIN_S",
        HELLO_WITHIN_S,
        "s",
        "A websocket whose first message has not come by then is closed with 4501.",
    ),
    Limit(
        "REQUEST_WITHIN_S",
        REQUEST_WITHIN_S,
        "s",
        "A stranger that has not sent a whole HTTP request by then is cut off.",
    ),
    Limit("PING_EVERY_S", PING_EVERY_S, "s", "A hub pings every connection this often."),
    Limit(
        "PONG_WITHIN_S",
        PONG_WITHIN_S,
        "s",
        "A connection that has not answered a ping by then is closed with 4003.",
    ),
    Limit(
        "STUCK_AFTER_S",
        STUCK_AFTER_S,
        "s",
        "Bytes waiting this long for one viewer: it leaves its rooms and is aborted.",
    ),
    Limit(
        "HOLE_PATIENCE_S",
        HOLE_PATIENCE_S,
        "s",
        "How long a hole in a room waits, inside a hub, for a hub that announces out of order.",
    ),
    Limit("KEYS_KEPT_DAYS", KEYS_KEPT_DAYS, "days", "How long an idempotency key is remembered."),
    Limit("COMMANDS_PER_S", COMMANDS_PER_S, "per s", "Commands one connection may send, on average."),
    Limit("COMMANDS_BURST", COMMANDS_BURST, "commands", "Commands one connection may send at once after a rest."),
    Limit("APPLIES_PER_S", APPLIES_PER_S, "per s", "Applications (`apply`) one person may send, on average."),
    Limit("APPLIES_BURST", APPLIES_BURST, "commands", "Applications one person may send at once after a rest."),
    Limit(
        "CONNECTIONS_PER_PERSON",
        CONNECTIONS_PER_PERSON,
        "connections",
        "Websockets one person may hold in one hub; one more takes the place of the oldest, which is closed with 4504.",
    ),
    Limit("BACKOFF_MIN_S", BACKOFF_MIN_S, "s", "Shortest wait of a client before it connects again."),
    Limit("BACKOFF_FIRST_S", BACKOFF_FIRST_S, "s", "Longest first wait; it doubles with each failure."),
    Limit("BACKOFF_MAX_S", BACKOFF_MAX_S, "s", "Longest wait of all."),
    Limit(
        "POLL_AFTER_S",
        POLL_AFTER_S,
        "s",
        "A page that has no websocket by then polls with `catch_up` and posts.",
    ),
)


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
    TAKEN_OVER = 4505


CLOSE_TEXT: Final[dict[Close, str]] = {
    Close.RESTART: "The hub stops or starts anew. Come back; another hub may answer.",
    Close.SLOW: "You read more slowly than entries came. Come back and recover.",
    Close.NO_PONG: "A ping was not answered in time. Come back.",
    Close.RENEW: "Your token has ended. Get a fresh one, then come back.",
    Close.BAD_PROTOCOL: "You do not speak this protocol, or not this version of it. Load the page anew.",
    Close.WHO_ARE_YOU: "No `hello` in time, or its token proves nobody. Sign in again.",
    Close.FORBIDDEN: "You may not be here: wrong Origin, or revoked.",
    Close.TOO_MANY: "Far too many messages, or this person opened more connections elsewhere.",
    Close.TAKEN_OVER: "On `/media`: another device is the source of this session's picture.",
}


def may_return(close_code: int) -> bool:
    """Whether a client should connect again after that close code. Codes below 4000 (RFC 6455: a lost link, a
    server going away) mean yes."""
    return not 4500 <= close_code <= 4999
