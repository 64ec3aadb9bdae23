"""The one exception below the doors, and the closed list of its codes.

An action, a rule or the store raises `Refusal`; the doors turn it into a reply in one place. Codes and
parameters travel, sentences do not: pages translate them.
"""

from enum import StrEnum
from typing import NamedTuple


class Code(StrEnum):
    """Why something was refused. Values are part of the protocol; a new one needs a sentence in both
    locales."""

    BAD_MESSAGE = "bad_message"
    UNKNOWN_TYPE = "unknown_type"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    OUT_OF_TURN = "out_of_turn"
    UPGRADE = "upgrade"
    NOT_SIGNED_IN = "not_signed_in"
    TOKEN_EXPIRED = "token_expired"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    KEY_REUSED = "key_reused"
    SIGN_IN_FAILED = "sign_in_failed"
    SESSION_NOT_LIVE = "session_not_live"
    SESSION_ENDED = "session_ended"
    SESSION_CUT_OFF = "session_cut_off"
    REHEARSAL = "rehearsal"
    REOPEN_TOO_LATE = "reopen_too_late"
    ALREADY_LIVE = "already_live"
    NOT_ON_SHELF = "not_on_shelf"
    POSITION_CLOSED = "position_closed"
    POSITION_CHANGED = "position_changed"
    POSITION_FAULTY = "position_faulty"
    NOTHING_TO_UNDO = "nothing_to_undo"
    NOTHING_SHOWN = "nothing_shown"
    NOTHING_PINNED = "nothing_pinned"
    PICTURE_ADDRESS = "picture_address"
    CHAT_OFF = "chat_off"
    CHAT_SLOW = "chat_slow"
    CHAT_WORD = "chat_word"
    CHAT_MUTED = "chat_muted"
    TEXT_EMPTY = "text_empty"
    TEXT_TOO_LONG = "text_too_long"
    NAME_INVALID = "name_invalid"
    PHONE_INVALID = "phone_invalid"
    AGE_NOT_CONFIRMED = "age_not_confirmed"
    CONSENT_OUTDATED = "consent_outdated"
    STEP_NOT_ALLOWED = "step_not_allowed"
    INVITATION_USED = "invitation_used"
    INVITATION_EXPIRED = "invitation_expired"
    INVITATION_REVOKED = "invitation_revoked"
    PASSWORD_INVALID = "password_invalid"
    CODES_OFF = "codes_off"
    CODE_TOO_OFTEN = "code_too_often"
    CODE_NOT_SENT = "code_not_sent"
    CODE_INVALID = "code_invalid"
    CODE_UNKNOWN = "code_unknown"
    CODE_WRONG = "code_wrong"
    CODE_SPENT = "code_spent"
    CODE_EXPIRED = "code_expired"
    CODE_USED = "code_used"
    PHONE_UNCONFIRMED = "phone_unconfirmed"
    PICTURE_TAKEN = "picture_taken"
    TARGET_ADDRESS = "target_address"
    UNAVAILABLE = "unavailable"


class Meaning(NamedTuple):
    """What a code means, which params it carries, and whether it may come with `temporary`."""

    text: str
    params: tuple[str, ...] = ()
    can_be_temporary: bool = False


MEANINGS: dict[Code, Meaning] = {
    Code.BAD_MESSAGE: Meaning("The bytes are not a command of this protocol.", ("detail", "why")),
    Code.UNKNOWN_TYPE: Meaning("No command has this `t`.", ("type",)),
    Code.TOO_LARGE: Meaning("The message is longer than a message may be.", ("size_bytes", "limit_bytes")),
    Code.TOO_MANY: Meaning(
        "Too many of this for now; after `retry_ms` it may be sent again.",
        ("retry_ms",),
        can_be_temporary=True,
    ),
    Code.OUT_OF_TURN: Meaning(
        "Not here or not now: `hello` twice, something before `hello`, or `join` over HTTP.", ("detail",)
    ),
    Code.UPGRADE: Meaning(
        "The client's protocol version is not spoken any more; the server speaks `version`.", ("version",)
    ),
    Code.NOT_SIGNED_IN: Meaning("No token, or one that proves nobody."),
    Code.TOKEN_EXPIRED: Meaning("The token was good and has ended."),
    Code.FORBIDDEN: Meaning("The person lacks the role `needs` in this scope.", ("needs",)),
    Code.NOT_FOUND: Meaning("There is no such thing, or the person may not know of it.", ("what", "id")),
    Code.KEY_REUSED: Meaning("This key was used for another command."),
    Code.SIGN_IN_FAILED: Meaning("Wrong name or password."),
    Code.SESSION_NOT_LIVE: Meaning("Only possible while the session is on air.", ("session", "state")),
    Code.SESSION_ENDED: Meaning("The session is over.", ("session",)),
    Code.SESSION_CUT_OFF: Meaning("An operator ended the session; its host can't reopen it.", ("session",)),
    Code.REHEARSAL: Meaning("This is a rehearsal: nobody can apply in it.", ("session",)),
    Code.REOPEN_TOO_LATE: Meaning("The session ended more than `minutes` ago.", ("minutes",)),
    Code.ALREADY_LIVE: Meaning("The session is on air already.", ("session",)),
    Code.NOT_ON_SHELF: Meaning("The position is not on this session's shelf.", ("position",)),
    Code.POSITION_CLOSED: Meaning("The position takes no applications any more.", ("position",)),
    Code.POSITION_CHANGED: Meaning(
        "The position was edited since it was seen and is at `version` now: show it and ask again.", ("version",)
    ),
    Code.POSITION_FAULTY: Meaning("The position can't be shown like this; `why` names the first fault.", ("why",)),
    Code.NOTHING_TO_UNDO: Meaning("No card was shown that could be taken back."),
    Code.NOTHING_SHOWN: Meaning("No card is being shown."),
    Code.NOTHING_PINNED: Meaning("No notice is pinned."),
    Code.PICTURE_ADDRESS: Meaning("Not an https address of a platform a picture may be on (`hosts`).", ("hosts",)),
    Code.CHAT_OFF: Meaning("Nobody but staff may write in this room."),
    Code.CHAT_SLOW: Meaning("Slow mode: the next line is possible in `retry_ms`.", ("retry_ms",)),
    Code.CHAT_WORD: Meaning(
        "The line holds what may not be said here: `word` (empty for a number or an address), because of `why` (fee, "
        "loan, lure, contact, discrimination, insult).",
        ("word", "why"),
    ),
    Code.CHAT_MUTED: Meaning(
        "The person may not write until `until_ms`; 0 is until the end of `length` (session, fair).",
        ("until_ms", "length", "reason"),
    ),
    Code.TEXT_EMPTY: Meaning("The text says nothing."),
    Code.TEXT_TOO_LONG: Meaning("The text has more than `limit` characters.", ("limit",)),
    Code.NAME_INVALID: Meaning("The name is empty, too long or not a name.", ("limit",)),
    Code.PHONE_INVALID: Meaning("Not a mobile phone number."),
    Code.AGE_NOT_CONFIRMED: Meaning("The person has not confirmed to be at least `years` old.", ("years",)),
    Code.CONSENT_OUTDATED: Meaning("The consent text changed; show `version` and ask again.", ("version",)),
    Code.STEP_NOT_ALLOWED: Meaning("An application that stands at `now` can't go to `wanted`.", ("now", "wanted")),
    Code.INVITATION_USED: Meaning("Somebody joined with this invitation already; it works once."),
    Code.INVITATION_EXPIRED: Meaning("The invitation was good for `days` days, which are over.", ("days",)),
    Code.INVITATION_REVOKED: Meaning("The invitation was taken back."),
    Code.PASSWORD_INVALID: Meaning("A password has at least `least` characters.", ("least",)),
    Code.CODES_OFF: Meaning("This house sends no codes to phones."),
    Code.CODE_TOO_OFTEN: Meaning(
        "So many codes were sent to this number, for this person or by the house that the next one has to wait.",
        ("retry_ms",),
    ),
    Code.CODE_NOT_SENT: Meaning("The code could not be handed to whoever delivers messages; ask for another one."),
    Code.CODE_INVALID: Meaning("A code has `digits` digits.", ("digits",)),
    Code.CODE_UNKNOWN: Meaning("No code was sent to this number for this person."),
    Code.CODE_WRONG: Meaning("Another code was sent; `left` more tries.", ("left",)),
    Code.CODE_SPENT: Meaning("Too many wrong tries: this code is void, ask for another one."),
    Code.CODE_EXPIRED: Meaning("The code was good for `minutes` minutes, which are over.", ("minutes",)),
    Code.CODE_USED: Meaning("This code was used already."),
    Code.PHONE_UNCONFIRMED: Meaning("The number must be confirmed by a code first."),
    Code.PICTURE_TAKEN: Meaning(
        "Another device is the source of this session's picture; `take_over` replaces it.", ("session",)
    ),
    Code.TARGET_ADDRESS: Meaning(
        "A picture may go on to public rtmp:// and rtmps:// addresses only, and to what `video.private_targets` names."
    ),
    Code.UNAVAILABLE: Meaning(
        "Something the house needs does not answer; try again.", ("what",), can_be_temporary=True
    ),
}


class Refusal(Exception):
    """Something asked for will not be done. `temporary`: the same command with the same key may succeed
    later.

    Params are plain values (str, int); they never hold personal data.
    """

    def __init__(self, code: Code, *, temporary: bool = False, **params: str | int) -> None:
        super().__init__(code.value, params)
        self.code = code
        self.temporary = temporary
        self.params = params
        self.in_reply_to = 0
