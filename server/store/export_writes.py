"""The applicants of an enterprise in the clear, for a file; every one of them is written into the audit log with it."""

from collections.abc import Collection
from typing import Final

import msgspec
from sqlalchemy import Connection, bindparam, func, select

from server.core.model import Applicant, ApplicationStatus, EnterpriseId, PersonId
from server.core.refusal import Code, Refusal
from server.store.application_batch import Asked, applicant
from server.store.application_queries import confirmed_among
from server.store.application_rows import Application, application_of
from server.store.keyring import Keyring
from server.store.many import execute_many
from server.store.people import unseal
from server.store.tables import applications, audit, enterprises, positions

EXPORT_LIMIT: Final = 2_000
"""Applicants in one file, the newest ones."""
EXPORT_APPLICATION: Final = "export_application"

_CLAIMED: Final = (
    select(*(applications.c[name] for name in Application.__struct_fields__), positions.c.title)
    .join_from(applications, positions, positions.c.id == applications.c.position)
    .where(
        applications.c.enterprise == bindparam("enterprise"),
        applications.c.consent_withdrawn_at_ms.is_(None),
        applications.c.claimed_by != "",
        applications.c.status != ApplicationStatus.WITHDRAWN.value,
    )
    .order_by(applications.c.applied_at_ms.desc(), applications.c.id.desc())
    .limit(bindparam("at_most"))
)
_ALL: Final = select(func.count()).where(
    applications.c.enterprise == bindparam("enterprise"),
    applications.c.consent_withdrawn_at_ms.is_(None),
    applications.c.claimed_by != "",
    applications.c.status != ApplicationStatus.WITHDRAWN.value,
)
_NOTE: Final = audit.insert()


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """Whose applicants these are, and how many older ones did not fit. Never printed: names and numbers are in it."""

    enterprise_name: str
    applicants: tuple[Applicant, ...]
    left_out: int = 0

    def __repr__(self) -> str:
        return f"Exported({len(self.applicants)} applicants)"


class Exporter(msgspec.Struct, frozen=True, kw_only=True):
    """Who exports, when, and how many at most."""

    by: PersonId
    at_ms: int
    at_most: int = EXPORT_LIMIT


def export(
    conn: Connection, scope: Collection[EnterpriseId], enterprise: EnterpriseId, keyring: Keyring, who: Exporter
) -> Exported:
    """Those whom somebody of the enterprise follows already: nobody's number leaves by a file that was never opened
    singly. For `Store.transact`: the rows and their lines in the audit log are one transaction. Raises
    `Refusal(FORBIDDEN)`."""
    if enterprise not in scope:
        raise Refusal(Code.FORBIDDEN, needs="hr")
    name = conn.execute(select(enterprises.c.name).where(enterprises.c.id == enterprise)).scalar() or ""
    rows = conn.execute(_CLAIMED, {"enterprise": enterprise, "at_most": who.at_most}).mappings().all()
    full = len(rows) == who.at_most
    left_out = conn.execute(_ALL, {"enterprise": enterprise}).scalar_one() - len(rows) if full else 0
    confirmed = confirmed_among(conn, scope, [row["id"] for row in rows])
    shown = []
    for row in rows:
        known = application_of(row)
        asked = Asked(title=row["title"], by=who.by, phone_confirmed=known.id in confirmed, revealed=True)
        shown.append(applicant(known, unseal(keyring, known.id, known.sealed), (), asked))
    lines = [_line(who, "export", enterprise), *(_line(who, EXPORT_APPLICATION, one.id) for one in shown)]
    execute_many(conn, _NOTE, lines)
    return Exported(enterprise_name=name, applicants=tuple(shown), left_out=left_out)


def _line(who: Exporter, what: str, subject: str) -> dict[str, object]:
    return {"at_ms": who.at_ms, "by": who.by, "what": what, "subject": subject, "why": "export"}
