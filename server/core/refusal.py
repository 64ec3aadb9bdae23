"""The one exception below the doors, and the closed list of its codes.

An action, a rule or the store raises `Refusal`; the doors turn it into a reply in one place. Codes and parameters
travel, sentences do not: pages translate them.
"""

from enum import StrEnum


class Code(StrEnum):
    """Why something was refused. Values are part of the protocol; a new one needs a sentence in both locales."""

    BAD_MESSAGE = "bad_message"  # params: detail
    UNKNOWN_TYPE = "unknown_type"  # params: type
    TOO_LARGE = "too_large"  # params: size_bytes, limit_bytes
    TOO_MANY = "too_many"  # params: retry_ms
    OUT_OF_TURN = "out_of_turn"  # params: detail
    UPGRADE = "upgrade"  # params: version
    NOT_SIGNED_IN = "not_signed_in"
    TOKEN_EXPIRED = "token_expired"
    FORBIDDEN = "forbidden"  # params: needs
    NOT_FOUND = "not_found"  # params: what, id
    KEY_REUSED = "key_reused"
    SIGN_IN_FAILED = "sign_in_failed"
    SESSION_NOT_LIVE = "session_not_live"  # params: session, state
    SESSION_ENDED = "session_ended"  # params: session
    ALREADY_LIVE = "already_live"  # params: session
    NOT_ON_SHELF = "not_on_shelf"  # params: position
    POSITION_CLOSED = "position_closed"  # params: position
    NOTHING_TO_UNDO = "nothing_to_undo"
    NOTHING_SHOWN = "nothing_shown"
    TEXT_EMPTY = "text_empty"
    TEXT_TOO_LONG = "text_too_long"  # params: limit
    NAME_INVALID = "name_invalid"  # params: limit
    PHONE_INVALID = "phone_invalid"
    AGE_NOT_CONFIRMED = "age_not_confirmed"  # params: years
    CONSENT_OUTDATED = "consent_outdated"  # params: version
    STEP_NOT_ALLOWED = "step_not_allowed"  # params: now, wanted
    UNAVAILABLE = "unavailable"  # temporary; params: what


class Refusal(Exception):
    """Something asked for will not be done. `temporary` means: the same command with the same key may succeed later.

    Params are plain values (str, int); they never hold personal data.
    """

    def __init__(self, code: Code, *, temporary: bool = False, **params: str | int) -> None:
        super().__init__(code.value, params)
        self.code = code
        self.temporary = temporary
        self.params = params
        self.in_reply_to = 0
