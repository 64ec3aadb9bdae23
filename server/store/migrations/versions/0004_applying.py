"""Who sent an application, consents, outcomes."""

from typing import Final

revision: Final = "0004"
down_revision: Final = "0003"
branch_labels: Final = None
depends_on: Final = None


def upgrade() -> None:
    """To this revision."""
