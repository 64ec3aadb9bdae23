"""Enterprises and what they offer."""

from enum import StrEnum

from server.core.model.ids import EnterpriseId, PositionId, RegionCode, Value


class Enterprise(Value, frozen=True, kw_only=True):
    """企业. `uscc` is the unified social credit code (GB 32100)."""

    id: EnterpriseId
    name: str
    region: RegionCode
    uscc: str = ""
    industry: str = ""
    size: int | None = None
    synthetic: bool = False


class PayUnit(StrEnum):
    """How pay is counted. Amounts are per month, also those of piecework; with `hour` they are per hour."""

    MONTH = "month"
    HOUR = "hour"
    PIECE = "piece"


class Review(StrEnum):
    """What reviewers say of a position (网络招聘服务管理规定 Art. 18: the service reviews what enterprises submit).

    `draft`: somebody has to complete it. `waiting` (待审): complete, seen by no reviewer yet. Only `approved` ones are
    shown to seekers.
    """

    DRAFT = "draft"
    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"


class Position(Value, frozen=True, kw_only=True):
    """岗位: what is offered, in the words a card shows. Missing facts stay `None` or empty and are shown as missing.

    `base_yuan` is 底薪, `pay_min_yuan`/`pay_max_yuan` the 综合 monthly band; both `None` with
    `pay_negotiable` is 面议. `openings` is 招聘人数. `version` grows with every edit.
    """

    id: PositionId
    enterprise: EnterpriseId
    title: str
    region: RegionCode
    openings: int
    enterprise_name: str = ""
    place: str = ""
    base_yuan: int | None = None
    pay_min_yuan: int | None = None
    pay_max_yuan: int | None = None
    pay_unit: PayUnit = PayUnit.MONTH
    pay_negotiable: bool = False
    shift: str = ""
    rest: str = ""
    education: str = ""
    employment_type: str = ""
    benefits: tuple[str, ...] = ()
    duties: str = ""
    requirements: str = ""
    valid_until: str = ""
    closed: bool = False
    version: int = 1
    synthetic: bool = False


class Flag(Value, frozen=True, kw_only=True):
    """What a reviewer has to see of a position: why (`core.cells.Why`), in which column, and the words. Limits of sex
    and age are read and never published, so their words are for reviewers alone."""

    why: str
    column: str = ""
    text: str = ""


class PositionFile(Value, frozen=True, kw_only=True):
    """A position as those who look after it see it. `reason` is what a reviewer said on refusing it; `edited_at_ms` is
    when its facts were last written."""

    position: Position
    review: Review
    flags: tuple[Flag, ...] = ()
    reason: str = ""
    edited_at_ms: int = 0


class ReviewFirm(Value, frozen=True, kw_only=True):
    """A line of the reviewers' list: how many positions of an enterprise wait, are drafts, and carry a flag."""

    enterprise: EnterpriseId
    name: str
    region: RegionCode
    uscc: str = ""
    waiting: int = 0
    drafts: int = 0
    flagged: int = 0
    synthetic: bool = False
