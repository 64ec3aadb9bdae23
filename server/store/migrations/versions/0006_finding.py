"""Where somebody came from."""

from typing import Final

revision: Final = "0006"
down_revision: Final = "0005"
branch_labels: Final = None
depends_on: Final = None


def upgrade() -> None:
    """To this revision."""
