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


class ApplicationStep(Value, frozen=True, kw_only=True):
    """One step of an application's history."""

    status: ApplicationStatus
    at_ms: int
    note: str = ""


class MyApplication(Value, frozen=True, kw_only=True):
    """An application as its own person sees it."""

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
    """Somebody has shown by a code that the number in it is their own (otherwise 号码未核实)."""


class Applicant(Value, frozen=True, kw_only=True):
    """An application as the enterprise sees it. Name and phone are masked until it is opened."""

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
