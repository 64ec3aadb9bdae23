"""举报: what somebody found wrong in a session, and what became of it."""

from enum import StrEnum

from server.core.model.ids import PositionId, RegionCode, SessionId, Value


class ReportSubject(StrEnum):
    """What is reported: a position's card, the room as a whole, one chat line."""

    CARD = "card"
    ROOM = "room"
    LINE = "line"


class ReportReason(StrEnum):
    """Why: fees, false facts, discrimination, lures to elsewhere, insults, something else."""

    FEE = "fee"
    FALSE = "false"
    DISCRIMINATION = "discrimination"
    LURE = "lure"
    INSULT = "insult"
    OTHER = "other"


class ReportOutcome(StrEnum):
    """What an operator decided: there was nothing to it, or something was done."""

    DISMISSED = "dismissed"
    ACTED = "acted"


class ReportCase(Value, frozen=True, kw_only=True):
    """A report as an operator of the branch reads it. Who reported is told to nobody. `stage_offset`, `at_ms` and
    `position_version` say what stood there at that second; `line_text` is the line as it was said. `outcome` is empty
    while it is open."""

    id: str
    session: SessionId
    region: RegionCode
    subject: ReportSubject
    reason: ReportReason
    at_ms: int
    stage_offset: int
    session_title: str = ""
    position: PositionId = PositionId("")
    position_title: str = ""
    position_version: int = 0
    line: int = 0
    line_text: str = ""
    text: str = ""
    outcome: str = ""
    note: str = ""
    settled_at_ms: int = 0
