"""What a child that reads a stranger's file is told of the house: where programs and libraries are, and no secret."""

import os
from typing import Final

_KEPT: Final = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "DYLD_LIBRARY_PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "TMPDIR")


def child_env() -> dict[str, str]:
    """The environment of such a child. The house's keys come by the environment, and stay there."""
    return {name: value for name, value in os.environ.items() if name in _KEPT}
