"""What keeps a position from being shown: facts that are missing and words that may not be published.

Pure. The importer finds the same in the cells of a workbook (`position_rows`); here a position that somebody edits is
looked at. Which facts a position has to have: 人社厅发〔2025〕60号; validity: 网络招聘服务管理规定 Art. 14.
"""

from typing import Final

from server.core import linter
from server.core.cells import Why
from server.core.model import Flag, PayUnit, Position
from server.core.position_limits import LIMITS

NEVER_SHOWN: Final = frozenset(
    {
        Why.TITLE_MISSING,
        Why.OPENINGS_MISSING,
        Why.OPENINGS_UNREADABLE,
        Why.PLACE_MISSING,
        Why.PLACE_UNKNOWN,
        Why.PLACE_AMBIGUOUS,
        Why.PLACE_TOO_WIDE,
        Why.PLACE_OUTSIDE,
        Why.TEXT_TOO_LONG,
        Why.CONTACT,
        Why.EXPIRED,
    }
)
"""With one of these no reviewer can approve a position. The others are for a reviewer's judgement: 面议 may be all
there is to say, and 不收押金 may look like a fee."""

FIELDS: Final = ("title", "place", "shift", "rest", "education", "employment_type", "duties", "requirements")
"""The fields of a position that hold free text."""


def faults(position: Position, place: Why | None, on_day: str) -> tuple[Flag, ...]:
    """Everything that is wrong, each kind once, in one fixed order. `place` is what `Atlas.county` says of it."""
    found: list[Flag] = []
    if not position.title.strip():
        found.append(Flag(why=Why.TITLE_MISSING, column="title"))
    if position.pay_min_yuan is None and position.pay_max_yuan is None:
        found.append(Flag(why=Why.PAY_NEGOTIABLE if position.pay_negotiable else Why.PAY_MISSING, column="pay"))
    if position.base_yuan is None and position.pay_unit is not PayUnit.HOUR:
        found.append(Flag(why=Why.BASE_MISSING, column="base"))
    if position.openings < 1:
        found.append(Flag(why=Why.OPENINGS_MISSING, column="openings"))
    if place is not None:
        found.append(Flag(why=place, column="place", text=position.place))
    if not position.valid_until:
        found.append(Flag(why=Why.VALID_UNTIL_MISSING, column="valid_until"))
    elif is_over(position, on_day):
        found.append(Flag(why=Why.EXPIRED, column="valid_until", text=position.valid_until))
    return (*found, *_words(position))


def _words(position: Position) -> list[Flag]:
    texts = {name: str(getattr(position, name)) for name in FIELDS} | {"benefits": "、".join(position.benefits)}
    found: dict[str, Flag] = {}
    for name, text in texts.items():
        if len(text) > LIMITS.get(name, 1_000):
            found.setdefault(Why.TEXT_TOO_LONG, Flag(why=Why.TEXT_TOO_LONG, column=name))
        if linter.has_contact(text):
            found.setdefault(Why.CONTACT, Flag(why=Why.CONTACT, column=name))
        fee, limited = linter.asks_fee(text), linter.limits_sex_or_age(text)
        if fee:
            found.setdefault(Why.FEE, Flag(why=Why.FEE, column=name, text=fee))
        if limited:
            found.setdefault(Why.SEX_AND_AGE, Flag(why=Why.SEX_AND_AGE, column=name, text=limited))
    return list(found.values())


def is_over(position: Position, on_day: str) -> bool:
    """Whether the position's validity has ended. Made-up positions (a demonstration plays a day of the past) never end
    by the clock."""
    return shown_until(position) != "" and shown_until(position) < on_day


def shown_until(position: Position) -> str:
    """The last day a position is shown, ISO 8601; empty for no end."""
    return "" if position.synthetic else position.valid_until


def first_bar(flags: tuple[Flag, ...]) -> str:
    """The first of the flags that no reviewer can pass, empty for none."""
    return next((flag.why for flag in flags if flag.why in NEVER_SHOWN), "")


def needs_review(before: Position, after: Position) -> bool:
    """Whether an edit has to be looked at again: any but of the number of openings."""
    return _content(before) != _content(after)


def _content(position: Position) -> tuple[object, ...]:
    same = ("openings", "closed", "version")
    return tuple(getattr(position, name) for name in Position.__struct_fields__ if name not in same)
