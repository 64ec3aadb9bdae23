"""举报: anybody reports, the operators of the branch settle."""

from server.core import rules
from server.core.model import PositionId, Principal, RegionCode, ReportSubject, SessionId
from server.core.protocol import ListReports, Report, ReportsAre, SettleReport
from server.core.regions import RegionTree
from server.store import catalogue_queries, report_queries, writes
from server.store.store import Store


async def report(store: Store, tree: RegionTree, principal: Principal, command: Report, at_ms: int) -> writes.Committed:
    """Kept with its second, told to the operators of the branch (网络招聘服务管理规定 Art. 30: a way to complain)."""
    session = await store.read(catalogue_queries.session, SessionId(command.session))
    return await store.write(
        writes.FileReport(
            by=principal.person,
            key=command.key,
            at_ms=at_ms,
            session=session.id,
            regions=tuple(tree.path(session.region)),
            subject=command.subject,
            reason=command.reason,
            position=PositionId(command.position) if command.subject is ReportSubject.CARD else PositionId(""),
            line=command.line if command.subject is ReportSubject.LINE else 0,
            text=rules.clean_optional_line(command.text),
        )
    )


async def list_reports(store: Store, tree: RegionTree, principal: Principal, command: ListReports) -> writes.Committed:
    """A page of a branch's reports."""
    region = RegionCode(command.region)
    rules.require_operator(principal, tree.path(region))
    found, waiting, following = await store.read(
        report_queries.of_branch, region, command.open_only, command.skip, command.limit
    )
    return writes.Committed(reply=ReportsAre(reports=found, open=waiting, next=following))


async def settle_report(
    store: Store, tree: RegionTree, principal: Principal, command: SettleReport, at_ms: int
) -> writes.Committed:
    """Dismissed, or something was done; the note says what."""
    region = await store.read(report_queries.region_of, command.report)
    path = tuple(tree.path(region))
    rules.require_operator(principal, path)
    return await store.write(
        writes.SettleReport(
            by=principal.person,
            key=command.key,
            at_ms=at_ms,
            report=command.report,
            regions=path,
            outcome=command.outcome,
            note=rules.clean_line(command.note),
        )
    )
