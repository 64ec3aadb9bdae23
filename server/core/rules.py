"""Who may do what, and which steps an application may take. Pure decisions over typed values."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final

from server.core.limits import CODE_DIGITS, NAME_LIMIT, TEXT_LIMIT
from server.core.model import (
    ApplicationStatus,
    EnterpriseId,
    Position,
    Principal,
    RegionCode,
    Role,
    Session,
    SessionId,
    rehearsed,
)
from server.core.refusal import Code, Refusal

S = ApplicationStatus

_OPEN = frozenset({S.APPLIED, S.VIEWED, S.CONTACTED, S.INTERVIEW, S.INTENT, S.HIRED})
_ANSWERS: dict[ApplicationStatus, frozenset[ApplicationStatus]] = {
    S.CONTACTED: frozenset({S.APPLIED, S.VIEWED, S.CONTACTED, S.UNSUITABLE, S.FILLED}),
    S.INTERVIEW: frozenset({S.APPLIED, S.VIEWED, S.CONTACTED, S.INTERVIEW, S.UNSUITABLE, S.FILLED}),
    S.INTENT: frozenset({S.APPLIED, S.VIEWED, S.CONTACTED, S.INTERVIEW, S.UNSUITABLE, S.FILLED}),
    S.HIRED: frozenset({S.VIEWED, S.CONTACTED, S.INTERVIEW, S.INTENT}),
    S.AT_WORK: frozenset({S.INTENT, S.HIRED}),
    S.UNSUITABLE: _OPEN,
    S.FILLED: _OPEN,
}
_CALLED = frozenset({S.CONTACTED, S.INTERVIEW, S.INTENT, S.HIRED})
NO_CALL = frozenset(S) - _CALLED
"""Steps an outcome of a call cannot go with."""
REACHED_INTENT = frozenset({S.INTENT, S.HIRED, S.AT_WORK})
WITHDRAWABLE = _OPEN | {S.UNSUITABLE, S.FILLED}


def may_step(now: ApplicationStatus, wanted: ApplicationStatus, *, call: bool = False) -> bool:
    """Whether an enterprise may answer an application that stands at `now` with `wanted`.

    `viewed` comes from opening, `applied` and `withdrawn` from the person; a mistaken 不合适 may be taken back. A call
    may be written down at any open step without moving it: `wanted` is `now` then.
    """
    return now in _ANSWERS.get(wanted, frozenset()) or (call and wanted is now and now in _CALLED)


def has(principal: Principal, roles: Iterable[Role], scope: str) -> bool:
    """Whether the principal holds one of the roles for exactly that scope."""
    wanted = frozenset(roles)
    return any(grant.role in wanted and grant.scope == scope for grant in principal.grants)


def over_region(principal: Principal, path: Iterable[RegionCode]) -> bool:
    """Whether the principal operates a branch that holds the region; `path` is the region and all its parents."""
    codes = frozenset(path)
    return any(g.role in (Role.OPERATOR, Role.ADMIN) and g.scope in codes for g in principal.grants)


def operates(principal: Principal) -> bool:
    """Whether the principal operates any branch at all."""
    return any(grant.role in (Role.OPERATOR, Role.ADMIN) for grant in principal.grants)


class Duty(StrEnum):
    """What is done on a stage and in its room by those on duty."""

    AIR = "air"  # go live, pause, resume, end, reopen
    REHEARSE = "rehearse"
    CARDS = "cards"
    NOTICE = "notice"
    PICTURE = "picture"
    MONITOR = "monitor"  # see the picture without delay, and who sends it
    STREAMING = "streaming"  # the key of encoders, and where the picture goes on to
    TALK = "talk"  # the chat rule of the room
    MODERATE = "moderate"  # pass, drop and remove lines, mute
    ANSWER = "answer"
    ASSISTANTS = "assistants"  # see them, take the duty from one


_STAFF: Final = frozenset({Role.HOST, Role.ASSISTANT})
MAY: Final[dict[Duty, frozenset[Role]]] = {
    Duty.AIR: frozenset({Role.HOST}),
    Duty.REHEARSE: frozenset({Role.HOST}),
    Duty.CARDS: _STAFF,
    Duty.NOTICE: _STAFF,
    Duty.PICTURE: frozenset({Role.HOST}),
    Duty.MONITOR: _STAFF | {Role.OPERATOR},
    Duty.STREAMING: frozenset({Role.HOST, Role.OPERATOR}),
    Duty.TALK: frozenset({Role.HOST}),
    Duty.MODERATE: _STAFF | {Role.OPERATOR},
    Duty.ANSWER: _STAFF,
    Duty.ASSISTANTS: frozenset({Role.HOST}),
}
"""Who has which duty: an assistant (场控) has the hands free for cards, notice, questions and chat; what begins or ends
a broadcast, and the rules of its room, is the host's. Operators moderate every room of their branch."""


def may(principal: Principal, duty: Duty, session: SessionId, path: Iterable[RegionCode] = ()) -> bool:
    """Whether the principal has that duty in the session, or in the one that is rehearsed there. `path` is the
    session's region and all its parents, where operators may count."""
    roles = MAY[duty]
    if has(principal, roles & _STAFF, rehearsed(session)):
        return True
    return Role.OPERATOR in roles and over_region(principal, path)


def require_duty(principal: Principal, duty: Duty, session: SessionId, path: Iterable[RegionCode] = ()) -> None:
    """Raises `Refusal(FORBIDDEN)` unless the principal has that duty there."""
    if not may(principal, duty, session, path):
        raise Refusal(Code.FORBIDDEN, needs="host")


def require_host(principal: Principal, session: SessionId) -> None:
    """Raises `Refusal(FORBIDDEN)` unless the principal hosts or assists that session."""
    if not has(principal, _STAFF, rehearsed(session)):
        raise Refusal(Code.FORBIDDEN, needs="host")


def require_operator(principal: Principal, path: Iterable[RegionCode]) -> None:
    """Raises `Refusal(FORBIDDEN)` unless the principal operates a branch that holds the region."""
    if not over_region(principal, path):
        raise Refusal(Code.FORBIDDEN, needs="operator")


def may_invite(principal: Principal, role: Role, scope: str, path: Sequence[RegionCode]) -> bool:
    """Whether the principal may ask somebody to join in that role; `path` is the scope's region and all its parents.

    Operators ask hosts, assistants, HR and specialists of their branch, and operators of the units below their own;
    admins also operators and admins of their own unit; a specialist the HR of the own enterprises.
    """
    branch = frozenset(path)
    if any(g.role is Role.ADMIN and g.scope in branch for g in principal.grants):
        return role is not Role.GUEST
    if role is Role.HR and has(principal, (Role.SPECIALIST,), scope):
        return True
    if role is Role.OPERATOR:
        branch = frozenset(path[1:])
    elif role in (Role.GUEST, Role.ADMIN):
        return False
    return any(g.role is Role.OPERATOR and g.scope in branch for g in principal.grants)


def enterprises_of(principal: Principal) -> tuple[EnterpriseId, ...]:
    """The enterprises whose applicants the principal may see."""
    return tuple(EnterpriseId(g.scope) for g in principal.grants if g.role in (Role.HR, Role.SPECIALIST))


def specialist_of(principal: Principal) -> tuple[EnterpriseId, ...]:
    """The enterprises the principal answers for as their specialist only: what is done there is marked 专员代回复."""
    own = {g.scope for g in principal.grants if g.role is Role.HR}
    return tuple(EnterpriseId(g.scope) for g in principal.grants if g.role is Role.SPECIALIST and g.scope not in own)


def require_enterprise(principal: Principal, enterprise: EnterpriseId) -> None:
    """Raises `Refusal(FORBIDDEN)` unless the principal answers for that enterprise."""
    if enterprise not in enterprises_of(principal):
        raise Refusal(Code.FORBIDDEN, needs="hr")


def staff_role(principal: Principal, session: Session, path: Iterable[RegionCode]) -> str:
    """The role a chat line is marked with: host, assistant, operator or none."""
    for role in (Role.HOST, Role.ASSISTANT):
        if has(principal, (role,), rehearsed(session.id)):
            return role.value
    return Role.OPERATOR.value if over_region(principal, path) else ""


def terms_of(position: Position) -> tuple[object, ...]:
    """What somebody who applied must be asked about again when it changed: pay, place, shift."""
    return (
        position.base_yuan,
        position.pay_min_yuan,
        position.pay_max_yuan,
        position.pay_unit,
        position.pay_negotiable,
        position.place,
        position.region,
        position.shift,
    )


_FULL_WIDTH = {ord("０") + digit: ord("0") + digit for digit in range(10)} | {ord("＋"): ord("+")}
_SEPARATORS = str.maketrans("", "", " -－—()（）\u00a0\u3000")


def normal_phone(text: str) -> str:
    """The 11 digits of a mainland mobile number (YD/T 2583: 1[3-9] and nine more), however it was typed.

    Raises `Refusal(PHONE_INVALID)`; the number itself stays out of the refusal.
    """
    digits = text.translate(_FULL_WIDTH).translate(_SEPARATORS)
    for prefix in ("+86", "0086"):
        digits = digits.removeprefix(prefix)
    if len(digits) == 13 and digits.startswith("86"):
        digits = digits[2:]
    if not (
        len(digits) == 11 and digits.isascii() and digits.isdigit() and digits[0] == "1" and digits[1] in "3456789"
    ):
        raise Refusal(Code.PHONE_INVALID)
    return digits


def clean_line(text: str, limit: int = TEXT_LIMIT) -> str:
    """A text on one line, without control characters. Raises `Refusal` TEXT_EMPTY or TEXT_TOO_LONG."""
    plain = text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)
    clean = " ".join(plain.split())
    if not clean:
        raise Refusal(Code.TEXT_EMPTY)
    if len(clean) > limit:
        raise Refusal(Code.TEXT_TOO_LONG, limit=limit)
    return clean


def clean_optional_line(text: str) -> str:
    """The same for a text that may be left out: empty stays empty. Raises `Refusal(TEXT_TOO_LONG)`."""
    return clean_line(text) if text.strip() else ""


def clean_name(text: str) -> str:
    """A name of 1 to NAME_LIMIT characters. Raises `Refusal(NAME_INVALID)`."""
    try:
        return clean_line(text, NAME_LIMIT)
    except Refusal:
        raise Refusal(Code.NAME_INVALID, limit=NAME_LIMIT) from None


def normal_code(text: str) -> str:
    """The digits of a code, however it was typed. Raises `Refusal(CODE_INVALID)`."""
    digits = text.translate(_FULL_WIDTH).translate(_SEPARATORS)
    if not (len(digits) == CODE_DIGITS and digits.isascii() and digits.isdigit()):
        raise Refusal(Code.CODE_INVALID, digits=CODE_DIGITS)
    return digits
