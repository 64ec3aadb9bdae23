"""Worked examples of reports and assistants. A body comes with its channel."""

from server.core import bodies, protocol
from server.core.model import Assistant, PersonId, ReportCase, ReportOutcome, ReportReason, ReportSubject
from server.core.protocol import Command, Reply
from server.core.samples import AT_MS, CHANGCHUN, KEY, P01, S01

CARD, FEE = ReportSubject.CARD, ReportReason.FEE

COMMANDS: tuple[tuple[str, Command], ...] = (
    (
        "report",
        protocol.Report(id=50, session=S01, subject=CARD, reason=FEE, position=P01, text="要交三百押金", key=KEY),
    ),
    ("list_reports", protocol.ListReports(id=51, region=CHANGCHUN, open_only=True)),
    (
        "settle_report",
        protocol.SettleReport(id=52, report="r1", outcome=ReportOutcome.ACTED, note="岗位已下架", key=KEY),
    ),
    ("list_assistants", protocol.ListAssistants(id=53, session=S01)),
    ("dismiss_assistant", protocol.DismissAssistant(id=54, session=S01, person="A01", key=KEY)),
)

REPLIES: tuple[tuple[str, Reply], ...] = (
    (
        "reports_are",
        protocol.ReportsAre(
            id=51,
            open=1,
            reports=(
                ReportCase(
                    id="r1",
                    session=S01,
                    session_title="长春会场",
                    region=CHANGCHUN,
                    subject=CARD,
                    reason=FEE,
                    at_ms=AT_MS,
                    stage_offset=42,
                    position=P01,
                    position_title="焊工",
                    position_version=1,
                    text="要交三百押金",
                ),
            ),
        ),
    ),
    ("assistants_are", protocol.AssistantsAre(id=53, assistants=(Assistant(person=PersonId("A01"), name="场控"),))),
)

BODIES: tuple[tuple[str, bodies.AnyBody], ...] = (
    ("watch/220100", bodies.Reported(report="r1", session=S01, subject=CARD, reason=FEE)),
    ("watch/220100", bodies.ReportSettled(report="r1", outcome=ReportOutcome.ACTED)),
)
