"""Whom a 招聘岗位信息表 names as an enterprise's contact: read on request only, and only to ask that person to join.

Personal data: what is returned goes into sealed invitations and nowhere else. The import of positions reads none of it.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from server.core.cells import shown
from server.core.columns import Column
from server.core.import_plan import Sheet
from server.core.limits import NAME_LIMIT
from server.core.refusal import Code, Refusal
from server.core.rules import clean_name, normal_phone
from server.core.workbook_lines import Found

NAMELESS: Final = "企业联系人"
_BETWEEN: Final = "/、,，;； \n"


class Contact(msgspec.Struct, frozen=True, array_like=True):
    """One enterprise's contact; `phone` is empty where the sheet has no mobile number of it. Never printed."""

    firm: str
    code: str
    name: str
    phone: str

    def __repr__(self) -> str:
        return f"Contact({self.firm!r})"


def contacts_of(sheets: Iterable[Sheet]) -> tuple[Contact, ...]:
    """One contact for each enterprise, in the order of the sheets: the first line of it with a mobile number. Raises
    `Refusal(BAD_MESSAGE)` where no sheet has a header."""
    found = Found()
    for sheet in sheets:
        found.read(sheet)
    if not found.headers:
        raise Refusal(Code.BAD_MESSAGE, detail="workbook: no sheet has a header", why="no_header")
    contacts: dict[tuple[str, str], Contact] = {}
    for line, firm in found.entries:
        if firm is None:
            continue
        key = ("", firm.code) if firm.code else (firm.name, "")
        before = contacts.get(key)
        if before is None or not before.phone:
            name, phone = _name(shown(line.cell(Column.CONTACT))), _phone(shown(line.cell(Column.PHONE)))
            contacts[key] = Contact(firm.name, firm.code, name, phone)
    return tuple(contacts.values())


def _name(text: str) -> str:
    try:
        return clean_name(text[:NAME_LIMIT])
    except Refusal:
        return NAMELESS


def _phone(text: str) -> str:
    """The first mobile number in a cell; desks share cells with land lines: 0431-81234567/13800138000."""
    for part in (text, *_split(text)):
        try:
            return normal_phone(part)
        except Refusal:
            continue
    return ""


def _split(text: str) -> list[str]:
    for mark in _BETWEEN:
        text = text.replace(mark, "|")
    return [part for part in text.split("|") if part]
