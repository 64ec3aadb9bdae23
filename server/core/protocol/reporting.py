"""举报: reported by anybody, settled by the operators of the branch."""

from typing import Annotated

from msgspec import Meta

from server.core.limits import LIST_LIMIT
from server.core.model import ReportCase, ReportOutcome, ReportReason, ReportSubject
from server.core.protocol.message import NO_CONTROLS, CommandBase, Key, ReplyBase, ShortId, Text


class Report(CommandBase, frozen=True, kw_only=True, tag="report"):
    """举报 a card (`position`), the room, or a chat line (`line`, its offset). The operators of the branch are told at
    once, and nobody who it was. The same again by the same person changes nothing. Replied by `done`."""

    session: ShortId
    subject: ReportSubject
    reason: ReportReason
    key: Key
    position: Annotated[str, Meta(max_length=64, pattern=NO_CONTROLS)] = ""
    line: Annotated[int, Meta(ge=0, le=2**53)] = 0
    text: Text = ""


class ListReports(CommandBase, frozen=True, kw_only=True, tag="list_reports"):
    """The reports of a branch, open ones first, newest first. Replied by `reports_are`."""

    region: ShortId
    open_only: bool = False
    skip: Annotated[int, Meta(ge=0, le=100_000)] = 0
    limit: Annotated[int, Meta(ge=1, le=LIST_LIMIT)] = 50


class ReportsAre(ReplyBase, frozen=True, kw_only=True, tag="reports_are"):
    """A page of reports. `open` counts those nobody settled yet; `next` is the next page's `skip`, 0 on the last."""

    reports: tuple[ReportCase, ...]
    open: int = 0
    next: int = 0


class SettleReport(CommandBase, frozen=True, kw_only=True, tag="settle_report"):
    """There was nothing to it, or something was done; the note says what. Audited. Replied by `done`."""

    report: ShortId
    outcome: ReportOutcome
    note: Text
    key: Key
