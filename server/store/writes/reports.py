"""Writes of reports."""

from server.core.model import PositionId, RegionCode, ReportOutcome, ReportReason, ReportSubject, SessionId
from server.store.writes.write import Write


class FileReport(Write, frozen=True, kw_only=True):
    """A report with its second. Publishes Reported on watch/ of each of `regions`, the session's region and all above
    it. Refused: NOT_FOUND, NOT_ON_SHELF, TOO_MANY."""

    session: SessionId
    regions: tuple[RegionCode, ...]
    subject: ReportSubject
    reason: ReportReason
    position: PositionId
    line: int
    text: str


class SettleReport(Write, frozen=True, kw_only=True):
    """Publishes ReportSettled on watch/ of `regions`; audited. Settled again, the last word stands. Refused:
    NOT_FOUND."""

    report: str
    regions: tuple[RegionCode, ...]
    outcome: ReportOutcome
    note: str
