"""One line of a job list: what it says of a position, and what is wrong with it."""

from typing import Final, NamedTuple

from server.core import linter
from server.core.cells import Cell, Pay, Why, plain, read_base, read_date, read_openings, read_pay, shown
from server.core.columns import Column, cell_name
from server.core.import_plan import Reason
from server.core.model import Enterprise, PayUnit, Position, PositionId, RegionCode
from server.core.perks import LONGEST_PERK, MOST_PERKS, read_perks, read_yes
from server.core.places import Atlas, without_code

LIMITS: Final[dict[Column, int]] = {
    Column.TITLE: 40,
    Column.FIRM: 80,
    Column.PLACE: 80,
    Column.SHIFT: 40,
    Column.REST: 40,
    Column.EDUCATION: 20,
    Column.EMPLOYMENT: 20,
    Column.DUTIES: 1_000,
    Column.REQUIREMENTS: 1_000,
    Column.MAJOR: 100,
    Column.EXPERIENCE: 100,
    Column.CERTIFICATE: 100,
    Column.BENEFITS: 200,
}
"""Characters of what is published; a longer cell is for a person to shorten."""

_PUBLISHED: Final = tuple(LIMITS)
_JUDGED: Final = (
    Column.TITLE,
    Column.KIND,
    Column.DUTIES,
    Column.REQUIREMENTS,
    Column.MAJOR,
    Column.EXPERIENCE,
    Column.CERTIFICATE,
    Column.BENEFITS,
    Column.REMARK,
)
_PAID: Final = (Column.PAY, Column.PAY_MIN, Column.PAY_MAX)
_REQUIRED: Final = (
    (Column.REQUIREMENTS, ""),
    (Column.MAJOR, "专业："),
    (Column.EXPERIENCE, "经验："),
    (Column.CERTIFICATE, "证书："),
)
_SINGLE_PERKS: Final = (
    (Column.INSURANCE, "五险"),
    (Column.MEALS, "包吃"),
    (Column.LODGING, "包住"),
    (Column.BUS, "班车"),
)


class Line(NamedTuple):
    """A line of a sheet with the columns of its header. `number` is the spreadsheet's own, from 1."""

    sheet: str
    number: int
    columns: dict[Column, int]
    cells: tuple[Cell, ...]
    since_1904: bool

    def cell(self, column: Column) -> Cell:
        """What stands there; `None` where the sheet has no such column or the line ends before it."""
        index = self.columns.get(column)
        return self.cells[index] if index is not None and index < len(self.cells) else None

    def at(self, column: Column) -> str:
        """The cell's name; empty where the sheet has no such column."""
        index = self.columns.get(column)
        return cell_name(index, self.number) if index is not None else ""

    def text(self, column: Column) -> str:
        """The cell as people read it; empty for 无 and `/`."""
        cell = self.cell(column)
        return shown(cell) if plain(cell) else ""


class ReadRow(NamedTuple):
    """What a line says. `reasons` are in one fixed order; `content` tells a line from any that says something else."""

    title: str
    place: str
    region: RegionCode | None
    openings: int | None
    pay: Pay
    base_yuan: int | None
    valid_until: str
    shift: str
    rest: str
    education: str
    employment: str
    benefits: tuple[str, ...]
    duties: str
    requirements: str
    reasons: tuple[Reason, ...]
    content: tuple[object, ...]

    def position(self, position: PositionId, enterprise: Enterprise, region: RegionCode, openings: int) -> Position:
        """The position that a line without reasons describes."""
        return Position(
            id=position,
            enterprise=enterprise.id,
            enterprise_name=enterprise.name,
            title=self.title,
            region=region,
            openings=openings,
            place=self.place,
            base_yuan=self.base_yuan,
            pay_min_yuan=self.pay.min_yuan,
            pay_max_yuan=self.pay.max_yuan,
            pay_unit=self.pay.unit,
            shift=self.shift,
            rest=self.rest,
            education=self.education,
            employment_type=self.employment,
            benefits=self.benefits,
            duties=self.duties,
            requirements=self.requirements,
            valid_until=self.valid_until,
            synthetic=enterprise.synthetic,
        )


def read_row(line: Line, atlas: Atlas, on_day: str) -> ReadRow:
    """Reads a line against the places known and today's date. Raises nothing, whatever the line holds."""
    pay, pay_at = _pay(line)
    base, base_why = read_base(line.cell(Column.BASE))
    if pay.unit is PayUnit.HOUR and base_why is Why.BASE_MISSING:
        base_why = None  # who is paid by the hour has no monthly base
    top = pay.max_yuan
    if base is not None and top is not None and pay.unit is not PayUnit.HOUR and base > top:
        base_why = Why.BASE_ABOVE_PAY
    openings, openings_why = read_openings(line.cell(Column.OPENINGS))
    region, place_why = atlas.county(line.text(Column.PLACE))
    valid_until, valid_why = read_date(line.cell(Column.VALID_UNTIL), since_1904=line.since_1904)
    if valid_until and valid_until < on_day:
        valid_why = Why.EXPIRED
    perks = read_perks(line.cell(Column.BENEFITS))
    singles = [word for column, name in _SINGLE_PERKS for word in read_yes(line.cell(column), name)]
    found: list[tuple[Why | None, Column]] = [
        (pay.why, pay_at),
        (base_why, Column.BASE),
        (openings_why, Column.OPENINGS),
        (place_why, Column.PLACE),
        (valid_why, Column.VALID_UNTIL),
        *_flags(line),
    ]
    requirements = [before + line.text(column) for column, before in _REQUIRED if line.text(column)]
    row = ReadRow(
        title=line.text(Column.TITLE),
        place=without_code(line.text(Column.PLACE)),
        region=region,
        openings=openings,
        pay=pay,
        base_yuan=base,
        valid_until=valid_until,
        shift=line.text(Column.SHIFT) or perks.shift,
        rest=line.text(Column.REST) or perks.rest,
        education=line.text(Column.EDUCATION),
        employment=line.text(Column.EMPLOYMENT),
        benefits=tuple(dict.fromkeys((*perks.benefits, *singles)))[:MOST_PERKS],
        duties=line.text(Column.DUTIES),
        requirements="；".join(requirements),
        reasons=tuple(Reason(why, line.at(column), column) for why, column in found if why is not None),
        content=(),
    )
    return row._replace(content=_content(row, line))


def _pay(line: Line) -> tuple[Pay, Column]:
    """综合 pay from its one column, or from 下限 and 上限; 计薪方式 says how it is counted."""
    column = Column.PAY
    text = line.text(Column.PAY)
    if not text:
        ends = [line.text(end) for end in (Column.PAY_MIN, Column.PAY_MAX)]
        text = "-".join(filter(None, ends)) if ends[0] else (ends[1] + "以下" if ends[1] else "")
        column = Column.PAY if Column.PAY in line.columns else Column.PAY_MIN
    counted = plain(line.cell(Column.PAY_UNIT))
    if text and "时" in counted and "时" not in text:
        text += "/小时"
    elif text and "件" in counted and "件" not in text:
        text = "计件" + text
    return read_pay(text), column


def _flags(line: Line) -> list[tuple[Why | None, Column]]:
    """What a reviewer has to see: each kind once, at the first cell it stands in."""
    texts = {column: shown(line.cell(column)) for column in {*_PUBLISHED, *_JUDGED} if column in line.columns}

    def first(why: Why, columns: list[Column]) -> list[tuple[Why | None, Column]]:
        return [(why, columns[0])] if columns else []

    long = [column for column in _PUBLISHED if len(texts.get(column, "")) > LIMITS[column]]
    if any(len(word) > LONGEST_PERK for word in read_perks(line.cell(Column.BENEFITS)).benefits):
        long.append(Column.BENEFITS)
    limited = [column for column in _JUDGED if linter.limits_sex_or_age(texts.get(column, ""))]
    for column in (Column.SEX, Column.AGE):
        if linter.limits_in_column(shown(line.cell(column)), column_of_ages=column is Column.AGE):
            limited.append(column)
    return [
        *first(Why.TEXT_TOO_LONG, long),
        *first(Why.CONTACT, [column for column in _PUBLISHED if linter.has_contact(texts.get(column, ""))]),
        *first(Why.FEE, [column for column in _JUDGED if linter.asks_fee(texts.get(column, ""))]),
        *first(Why.SEX_AND_AGE, limited),
    ]


def _content(row: ReadRow, line: Line) -> tuple[object, ...]:
    """All that a line says of its position; where a cell was not understood, its words. Not its number, not whom to
    call, not how the cells were written: 7000至8000 and 7000-8000 are the same."""
    return (
        plain(row.title),
        row.region or plain(row.place),
        row.openings or plain(line.cell(Column.OPENINGS)),
        row.pay if row.pay.why is None else tuple(plain(line.cell(column)) for column in _PAID),
        row.base_yuan or plain(line.cell(Column.BASE)),
        row.valid_until or plain(line.cell(Column.VALID_UNTIL)),
        row.shift,
        row.rest,
        plain(row.education),
        plain(row.employment),
        row.benefits,
        plain(row.duties),
        plain(row.requirements),
        *(plain(line.cell(column)) for column in (Column.KIND, Column.SEX, Column.AGE, Column.START, Column.REMARK)),
    )
