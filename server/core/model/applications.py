"""Applications, as their person and as the enterprise sees them."""

from enum import StrEnum

from server.core.model.ids import ApplicationId, EnterpriseId, PositionId, SessionId, Value


class ApplicationStatus(StrEnum):
    """The steps of an application (投递), in the order people see them."""

    APPLIED = "applied"
    VIEWED = "viewed"
    CONTACTED = "contacted"
    INTERVIEW = "interview"
    INTENT = "intent"
    HIRED = "hired"
    AT_WORK = "at_work"
    UNSUITABLE = "unsuitable"
    FILLED = "filled"
    WITHDRAWN = "withdrawn"


class CallOutcome(StrEnum):
    """What became of a call: 接通, 未接通, 空号; empty for a step that was no call."""

    NONE = ""
    REACHED = "reached"
    NO_ANSWER = "no_answer"
    WRONG_NUMBER = "wrong_number"


class UnsuitableReason(StrEnum):
    """Why somebody does not fit, from a list, so that the words a person reads are kind ones; empty for none given."""

    NONE = ""
    NO_MATCH = "no_match"
    SKILL = "skill"
    HOURS = "hours"
    DISTANCE = "distance"


class NightShift(StrEnum):
    """夜班行吗？ Empty: not answered."""

    UNKNOWN = ""
    YES = "yes"
    NO = "no"


class ApplicantOrder(StrEnum):
    """How an enterprise's list stands: the newest first, or who applied longest ago."""

    NEWEST = "newest"
    LONGEST = "longest"


class LookPurpose(StrEnum):
    """Why somebody looks at a name and a phone number; written into the audit log with the look."""

    CONTACT = "contact"
    INTERVIEW = "interview"
    FOLLOW_UP = "follow_up"


class ApplicationStep(Value, frozen=True, kw_only=True):
    """One step of an application's history. `interview_at_ms` 0: no time was said. `by_specialist`: 专员代回复."""

    status: ApplicationStatus
    at_ms: int
    note: str = ""
    outcome: CallOutcome = CallOutcome.NONE
    interview_at_ms: int = 0
    place: str = ""
    reason: UnsuitableReason = UnsuitableReason.NONE
    by_specialist: bool = False


class About(Value, frozen=True, kw_only=True):
    """What belongs to an application beside name and number. `phone_confirmed`: one who sent it has shown by a code
    that the number is theirs (else 号码未核实). `version`: of the position as it was seen, 0 when not told.
    `receipts`: others that were given for the same application, to other devices; for the enterprise alone. The rest
    are the answers to the questions after the receipt."""

    phone_confirmed: bool = False
    version: int = 0
    night_shift: NightShift = NightShift.UNKNOWN
    start_in_days: int | None = None
    receipts: tuple[str, ...] = ()


class Claim(Value, frozen=True, kw_only=True):
    """已由…跟进: the colleague who opened it first; `mine` where that is the one asking."""

    by: str
    at_ms: int
    mine: bool = False


class Sending(Value, frozen=True, kw_only=True):
    """How an application stands to the device that asks.

    `hidden`: the consent was taken back. `limited` and `elsewhere` are never set any more: they told who typed
    somebody's number that it had been here before. Without the number confirmed this is what the device itself did.
    """

    limited: bool = False
    elsewhere: bool = False
    hidden: bool = False


class MyApplication(Value, frozen=True, kw_only=True):
    """An application as one who sent it sees it. `confirmed`: whoever asks has shown by a code that the number in it is
    their own. Without, `id` and `receipt` are those of the device's own sending. At most 15 fields: one more, and
    every message that holds one would be encoded otherwise."""

    id: ApplicationId
    receipt: str
    position: PositionId
    position_title: str
    enterprise_name: str
    session: SessionId
    status: ApplicationStatus
    applied_at_ms: int
    changed_at_ms: int
    steps: tuple[ApplicationStep, ...] = ()
    confirmed: bool = False
    enterprise: EnterpriseId = EnterpriseId("")
    for_whom: str = ""
    sending: Sending = Sending()
    about: About = About()


class Applicant(Value, frozen=True, kw_only=True):
    """An application as the enterprise sees it. Name and phone are masked until it is opened. At most 15 fields."""

    id: ApplicationId
    receipt: str
    enterprise: EnterpriseId
    position: PositionId
    position_title: str
    name: str
    phone: str
    revealed: bool
    status: ApplicationStatus
    applied_at_ms: int
    changed_at_ms: int
    for_whom: str = ""
    steps: tuple[ApplicationStep, ...] = ()
    about: About = About()
    claim: Claim | None = None
