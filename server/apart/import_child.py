"""The child process of one import: `python -m server.apart.import_child DIRECTORY`.

It reads the uploaded file, says what becomes of every row, and leaves the answer in the directory (`import_files`).
What it may use is limited before it reads a byte, so that a hostile file ends this process and nothing else.
"""

import os
import resource
import sys
from pathlib import Path
from typing import Final

MOST_MEMORY_BYTES: Final = 640 * 1024 * 1024
"""Address space, of which 15,543 rows use less than half as resident memory."""
MOST_CPU_S: Final = 40
NICER: Final = 10
"""Behind the hub, whenever both want the processor. Linux goes further: an idle process runs only when nobody else
wants the core, where a nice one still got every tenth slice of a hub in the middle of a fan-out."""


def limit(memory_bytes: int = MOST_MEMORY_BYTES, cpu_s: int = MOST_CPU_S) -> None:
    """Bind this process. More memory than that is a `MemoryError`, more time is the end."""
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":  # macOS refuses the limit
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    os.nice(NICER)
    if hasattr(os, "SCHED_IDLE"):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def main() -> int:
    """Limits first, then everything else is loaded."""
    limit()
    from server.apart.import_work import work

    work(Path(sys.argv[1]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
