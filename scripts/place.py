"""A temporary directory that is used by one run of a script and by what it starts, and that the next run clears away
when this one was killed before it could.

Who uses it holds a lock: the file is handed on to every program, so the lock ends with the last of them.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

LOCK: Final = "in-use"


class Place:
    """The directory, and the lock to hand on (`pass_fds`)."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self.lock = lock


@contextlib.contextmanager
def place(prefix: str) -> Iterator[Place]:
    """A new one; those of earlier runs that nobody uses any more are gone."""
    clear(prefix)
    path = Path(tempfile.mkdtemp(prefix=prefix))
    path.chmod(0o711)  # PostgreSQL's user passes through; names in it are not to be listed
    lock = os.open(path / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        yield Place(path, lock)
    finally:
        os.close(lock)
        shutil.rmtree(path, ignore_errors=True)
        clear(prefix)  # once more: programs of a run that was killed may have been ending when this one began


def clear(prefix: str) -> None:
    """Those this user may clear: made by it, or by root for PostgreSQL's."""
    for path in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        with contextlib.suppress(OSError):
            lock = os.open(path / LOCK, os.O_RDWR | os.O_NOFOLLOW)
            try:
                if os.fstat(lock).st_uid != os.geteuid():
                    continue
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path, ignore_errors=True)
            finally:
                os.close(lock)
