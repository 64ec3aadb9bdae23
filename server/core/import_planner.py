"""Takes the lines of a job list one after another and says what becomes of each."""

import re
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from typing import Final, NamedTuple

import msgspec

from server.core import linter, uscc
from server.core.cells import Why, plain, shown
from server.core.columns import Column, cell_name
from server.core.import_plan import Draft, Outcome, Reason, RowReport
from server.core.model import Enterprise, EnterpriseId, Flag, Position, PositionId, RegionCode
from server.core.places import Atlas
from server.core.position_rows import Line, ReadRow, read_row
from server.core.regions import RegionTree
from server.core.workbook_lines import Entry, Firm

_REFERENCE: Final = re.compile(r"p-[0-9a-f]{16}")
_CELL_SHOWN: Final = 60
"""Characters of a cell that a flag repeats."""


def _without_contact(text: str) -> str:
    """The text as a report may keep it: 焊工 电话199… is personal data, the line's number is enough."""
    return "…" if linter.has_contact(text) else text


def _id(kind: str, *parts: str) -> str:
    """A short name made from what is said: 64 bits, so 50,000 rows meet by chance once in 10^10 imports."""
    return f"{kind}-{sha256(chr(31).join(parts).encode()).hexdigest()[:16]}"


def flag_of(reason: Reason, line: Line) -> Flag:
    """A reason as the reviewer sees it, with the words that made it. Never a contact, and of 备注 no more than
    the words at fault."""
    cell = shown(line.cell(reason.column)) if reason.column is not None else ""
    text = "" if reason.column is Column.REMARK else _without_contact(cell)[:_CELL_SHOWN]
    if reason.why is Why.SEX_AND_AGE:
        text = text if reason.column in (Column.SEX, Column.AGE) else linter.limiting_words(cell)
    elif reason.why is Why.FEE:
        text = linter.fee_words(cell)
    elif reason.why in (Why.CONTACT, Why.TEXT_TOO_LONG):
        text = ""
    column = reason.column.value if reason.column is not None else ""
    return Flag(why=reason.why.value, column=column, text=text)


def _free_of_contacts(position: Position) -> Position:
    """The position as it may be kept: a phone number in a text is personal data, and no draft needs it."""
    texts = {
        name: linter.without_contacts(text)
        for name in ("title", "place", "shift", "rest", "education", "employment_type", "duties", "requirements")
        if linter.has_contact(text := str(getattr(position, name)))
    }
    benefits = tuple(word for word in position.benefits if not linter.has_contact(word))
    return msgspec.structs.replace(position, benefits=benefits, **texts)


class Terms(NamedTuple):
    """What is the same for every line: today (ISO 8601), where positions may lie, whether all of it is made up."""

    on_day: str
    branch: RegionCode | None
    synthetic: bool


class Planner:
    """Takes the lines one after another and remembers what it must to tell repetitions."""

    def __init__(self, tree: RegionTree, atlas: Atlas, codes: dict[str, str], terms: Terms) -> None:
        self._atlas = atlas
        self._tree = tree
        self._codes = codes
        self._on_day = terms.on_day
        self._branch = terms.branch
        self._synthetic = terms.synthetic
        self._seen: dict[tuple[object, ...], int] = {}
        self._alike: Counter[tuple[str, ...]] = Counter()
        self._referred: set[str] = set()
        self.ids: dict[int, PositionId] = {}
        self.reports: list[RowReport] = []
        self.drafts: list[Draft] = []
        self.draft_enterprises: dict[EnterpriseId, Enterprise] = {}
        self.positions: list[Position] = []
        self.enterprises: dict[EnterpriseId, Enterprise] = {}

    def take(self, entry: Entry) -> None:
        """The next line."""
        row = read_row(entry.line, self._atlas, self._on_day)
        firm, line = entry.firm, entry.line
        if firm is None or not row.title:
            missing = [(Why.FIRM_MISSING, Column.FIRM)] if firm is None else []
            missing += [] if row.title else [(Why.TITLE_MISSING, Column.TITLE)]
            self._report(
                entry, row, Outcome.REJECTED, [Reason(why, line.at(column), column) for why, column in missing]
            )
            return
        code = firm.code or self._codes.get(plain(firm.name), "")
        key = code or plain(firm.name)
        same = self._seen.setdefault((key, *row.content), len(self.reports) + 1)
        if same <= len(self.reports):
            reason = Reason(Why.DUPLICATE, line.at(Column.TITLE), Column.TITLE)
            self._report(entry, row, Outcome.DUPLICATE, [reason], same)
            return
        id = self._position_id(line, key, row)
        reasons = [*self._reasons_of_firm(firm, line), *row.reasons, *self._outside(row, line)]
        if reasons or row.region is None or row.openings is None:
            self._report(entry, row, Outcome.DRAFT, reasons)
            self.ids[len(self.reports)] = id
            self._draft(id, firm, code, key, row, reasons, line)
            return
        enterprise = self._enterprise(self.enterprises, firm, code, key, row.region)
        self.positions.append(row.position(id, enterprise, row.region, row.openings))
        self._report(entry, row, Outcome.IMPORTED, [])

    def _position_id(self, line: Line, key: str, row: ReadRow) -> PositionId:
        """The id a correction workbook carries along, each once; else one made from enterprise, title and place."""
        alike = (key, plain(row.title), row.region or plain(row.place))
        self._alike[alike] += 1
        referred = plain(line.cell(Column.REFERENCE))
        if _REFERENCE.fullmatch(referred) and referred not in self._referred:
            self._referred.add(referred)
            return PositionId(referred)
        return PositionId(_id("p", *alike, str(self._alike[alike])))

    def _draft(
        self, id: PositionId, firm: Firm, code: str, key: str, row: ReadRow, reasons: Sequence[Reason], line: Line
    ) -> None:
        """The position as far as it is known: without a county it lies in the branch that imports it."""
        region = row.region or self._branch or next(iter(self._tree)).code
        enterprise = self._enterprise(self.draft_enterprises, firm, code, key, region)
        position = _free_of_contacts(row.position(id, enterprise, region, row.openings or 0))
        self.drafts.append(Draft(position, tuple(flag_of(reason, line) for reason in reasons)))

    def _reasons_of_firm(self, firm: Firm, line: Line) -> list[Reason]:
        if firm.why is None:
            return []
        column = firm.first.columns.get(Column.USCC)
        at = cell_name(column, firm.first.number) if column is not None else line.at(Column.USCC)
        return [Reason(firm.why, at, Column.USCC)]

    def _outside(self, row: ReadRow, line: Line) -> list[Reason]:
        if row.region is None or self._branch is None or self._tree.within(row.region, self._branch):
            return []
        return [Reason(Why.PLACE_OUTSIDE, line.at(Column.PLACE), Column.PLACE)]

    def _enterprise(
        self, among: dict[EnterpriseId, Enterprise], firm: Firm, code: str, key: str, region: RegionCode
    ) -> Enterprise:
        """The enterprise, made when its first position is met. It is where its address says, else where its
        name says, else where that position is."""
        enterprise_id = EnterpriseId(_id("e", key))
        if enterprise_id not in among:
            size = plain(firm.first.cell(Column.SIZE))
            places = (shown(firm.first.cell(Column.ADDRESS)), firm.name)
            named = [self._atlas.house.find(place).region for place in places if place]
            seat = next((r.code for r in named if r is not None and r.parent is not None), region)
            among[enterprise_id] = Enterprise(
                id=enterprise_id,
                name=firm.name,
                region=seat,
                uscc=code,
                industry=shown(firm.first.cell(Column.INDUSTRY)),
                size=int(size) if size.isascii() and size.isdigit() and len(size) <= 7 else None,
                synthetic=self._synthetic or uscc.is_synthetic(code),
            )
        return among[enterprise_id]

    def _report(
        self, entry: Entry, row: ReadRow, outcome: Outcome, reasons: Sequence[Reason], same: int | None = None
    ) -> None:
        self.reports.append(
            RowReport(
                row=len(self.reports) + 1,
                sheet=entry.line.sheet,
                line=entry.line.number,
                firm=_without_contact(entry.firm.name if entry.firm is not None else ""),
                title=_without_contact(row.title),
                outcome=outcome,
                reasons=tuple(reasons),
                same_as_row=same,
                pay_min_yuan=row.pay.min_yuan,
                pay_max_yuan=row.pay.max_yuan,
            )
        )
