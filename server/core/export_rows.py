"""What an exported applicant looks like: the columns, the words, and what keeps a file from doing harm."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from server.core.model import Applicant, ApplicationStatus, NightShift

COLUMNS: Final = (
    "称呼",
    "手机号",
    "替谁填",
    "号码",
    "岗位",
    "状态",
    "投递时间",
    "夜班",
    "几天能到岗",
    "跟进人",
    "回执号",
    "导出记录",
)
_STATUS: Final = {
    ApplicationStatus.APPLIED: "新投递",
    ApplicationStatus.VIEWED: "已查看",
    ApplicationStatus.CONTACTED: "已联系",
    ApplicationStatus.INTERVIEW: "约面试",
    ApplicationStatus.INTENT: "初步意向",
    ApplicationStatus.HIRED: "已录用",
    ApplicationStatus.AT_WORK: "已到岗",
    ApplicationStatus.UNSUITABLE: "不合适",
    ApplicationStatus.FILLED: "岗位已招满",
    ApplicationStatus.WITHDRAWN: "已撤回",
}
_NIGHT: Final = {NightShift.UNKNOWN: "", NightShift.YES: "可以", NightShift.NO: "不行"}
_AHEAD: Final = timedelta(hours=8)
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""A cell that begins so is run by spreadsheet programs (CWE-1236), in East Asian ones also with full-width signs."""


class Sheets(msgspec.Struct, frozen=True):
    """A file to be made: its kind (xlsx or csv), the mark in its first line, the rows under the head."""

    kind: str
    mark: str
    rows: tuple[tuple[str, ...], ...]


def harmless(text: str) -> str:
    """The text as a cell that is only read."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def mark_of(enterprise: str, person: str, at_ms: int) -> str:
    """The watermark: whose file this is, who made it and when, and what it may be used for."""
    return f"{enterprise} · {person} 于 {_clock(at_ms)} 导出 · 仅供本企业联系应聘者，不得转给他人"


def sheets_of(kind: str, mark: str, applicants: Sequence[Applicant], left_out: int = 0) -> Sheets:
    """The file's content; every row carries the mark in its last column, and its first line says how many older
    applicants did not fit."""
    rows = tuple(
        tuple(
            harmless(cell)
            for cell in (
                one.name,
                one.phone,
                one.for_whom,
                "已核实" if one.about.phone_confirmed else "未核实",
                one.position_title,
                _STATUS[one.status],
                _clock(one.applied_at_ms),
                _NIGHT[one.about.night_shift],
                "" if one.about.start_in_days is None else str(one.about.start_in_days),
                one.claim.by if one.claim else "",
                one.receipt,
                mark,
            )
        )
        for one in applicants
    )
    first = f"{mark} · 只含最新的 {len(applicants)} 人，另有 {left_out} 人没有列入" if left_out else mark
    return Sheets(kind, harmless(first), rows)


def _clock(at_ms: int) -> str:
    return (datetime.fromtimestamp(at_ms / 1000, UTC) + _AHEAD).strftime("%Y-%m-%d %H:%M")
