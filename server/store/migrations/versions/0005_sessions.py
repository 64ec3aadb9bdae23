"""Rehearsal, chat rules, reports, questions."""

from typing import Final

revision: Final = "0005"
down_revision: Final = "0004"
branch_labels: Final = None
depends_on: Final = None


def upgrade() -> None:
    """To this revision."""
