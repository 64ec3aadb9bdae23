"""What lies in the directory of one import: what the child is told, and what it leaves for the hub.

Nothing in it names a person: the uploaded file is deleted as soon as the child has ended, and columns of contacts are
left empty in the correction workbook.
"""

from pathlib import Path
from typing import Final

import msgspec

from server.core.model import Region, RegionCode

UPLOAD: Final = "upload"
TASK: Final = "task"
SUMMARY: Final = "summary"
CORRECTIONS: Final = "corrections.xlsx"
PAGE_ROWS: Final = 100
"""Rows of one page of the dry run."""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What the child is told. `on_day` is today (ISO 8601), `branch` where positions may lie.
    `careful`: read the file in the way that never needs much memory."""

    regions: tuple[Region, ...]
    branch: RegionCode
    on_day: str
    careful: bool = False


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What the child found. With `code` the file is refused, and nothing else is there."""

    code: str = ""
    why: str = ""
    detail: str = ""
    rows: int = 0
    imported: int = 0
    draft: int = 0
    rejected: int = 0
    duplicate: int = 0
    enterprises: int = 0
    pieces: int = 0
    pages: int = 0
    corrections: bool = False
    unknown_headers: tuple[str, ...] = ()
    skipped_sheets: tuple[str, ...] = ()
    skipped_lines: tuple[str, ...] = ()


def piece_file(directory: Path, number: int) -> Path:
    """Piece `number`, from 0."""
    return directory / f"piece-{number}"


def page_file(directory: Path, number: int) -> Path:
    """Page `number` of the rows, from 0, as JSON."""
    return directory / f"page-{number}.json"


def put(file: Path, value: object) -> None:
    """Write a value where the hub will look for it."""
    file.write_bytes(msgspec.msgpack.encode(value))
