"""A position as schema.org JobPosting, for search engines: true facts only, and nothing that is over.

Map: 招聘人数 totalJobOpenings, 底薪 baseSalary, 综合 estimatedSalary, 有效期 validThrough, 班次 workHours, 福利
jobBenefits, 区划 jobLocation (names and codes of GB/T 2260), 统一社会信用代码 hiringOrganization.identifier.
"""

import json
import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, Final

from server.core.model import Enterprise, Level, PayUnit, Position
from server.core.regions import RegionTree

BEIJING: Final = timezone(timedelta(hours=8))
_DAY: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_EMPLOYMENT: Final = {
    "全日制": "FULL_TIME",
    "非全日制": "PART_TIME",
    "实习": "INTERN",
    "临时": "TEMPORARY",
    "劳务派遣": "CONTRACTOR",
}


def job_posting(
    position: Position, enterprise: Enterprise, tree: RegionTree, *, address: str, changed_at_ms: int, now_ms: int
) -> dict[str, Any] | None:
    """The posting; None for a position that is closed, over, or synthetic (a demonstration is no offer)."""
    until = _until(position.valid_until)
    if position.closed or position.synthetic or (until is not None and until.timestamp() * 1000 < now_ms):
        return None
    posting: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "JobPosting",
        "title": position.title,
        "description": _description(position),
        "identifier": {"@type": "PropertyValue", "name": enterprise.name, "value": position.id},
        "url": address,
        "datePosted": datetime.fromtimestamp(changed_at_ms / 1000, UTC).astimezone(BEIJING).date().isoformat(),
        "totalJobOpenings": position.openings,
        "directApply": True,
        "hiringOrganization": _organization(enterprise),
        "jobLocation": {"@type": "Place", "address": _place(position, tree)},
    }
    optional: dict[str, Any] = {
        "validThrough": until.isoformat() if until else None,
        "employmentType": _EMPLOYMENT.get(position.employment_type),
        "workHours": "，".join(filter(None, (position.shift, position.rest))),
        "jobBenefits": "、".join(position.benefits),
        "educationRequirements": position.education,
        "responsibilities": position.duties,
        "qualifications": position.requirements,
        "industry": enterprise.industry,
        "baseSalary": _money(position, position.base_yuan, None),
        "estimatedSalary": _money(position, position.pay_min_yuan, position.pay_max_yuan),
    }
    return posting | {name: value for name, value in optional.items() if value}


def in_script(posting: dict[str, Any]) -> str:
    """Its JSON as the content of a `<script>`: no `<`, `>` or `&` stands in it, so nothing ends it early."""
    text = json.dumps(posting, ensure_ascii=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e").replace("\u2028", "\\u2028")


def _until(text: str) -> datetime | None:
    """The end of that day in Beijing; None for no day."""
    match = _DAY.fullmatch(text.strip())
    try:
        day = date(*map(int, match.groups())) if match else None
    except ValueError:
        return None
    return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=BEIJING) if day else None


def _description(position: Position) -> str:
    parts = (position.duties, position.requirements, "、".join(position.benefits))
    return "\n".join(filter(None, parts)) or position.title


def _organization(enterprise: Enterprise) -> dict[str, Any]:
    named: dict[str, Any] = {"@type": "Organization", "name": enterprise.name}
    if enterprise.uscc:
        named["identifier"] = {"@type": "PropertyValue", "propertyID": "USCC", "value": enterprise.uscc}
    return named


def _place(position: Position, tree: RegionTree) -> dict[str, Any]:
    address: dict[str, Any] = {"@type": "PostalAddress", "addressCountry": "CN"}
    if position.place:
        address["streetAddress"] = position.place
    if position.region in tree:
        path = (tree.get(position.region), *tree.parents(position.region))
        names = {region.level: region.name for region in path}
        if Level.PROVINCE in names:
            address["addressRegion"] = names[Level.PROVINCE]
        local = [names[level] for level in (Level.CITY, Level.COUNTY) if level in names]
        if local:
            address["addressLocality"] = "".join(local)
        address["identifier"] = {"@type": "PropertyValue", "propertyID": "GB/T 2260", "value": position.region}
    return address


def _money(position: Position, low: int | None, high: int | None) -> dict[str, Any] | None:
    if low is None and high is None:
        return None
    value: dict[str, Any] = {
        "@type": "QuantitativeValue",
        "unitText": "HOUR" if position.pay_unit is PayUnit.HOUR else "MONTH",
    }
    if low is not None:
        value["minValue"] = low
    if high is not None:
        value["maxValue"] = high
    return {"@type": "MonetaryAmount", "currency": "CNY", "value": value}
