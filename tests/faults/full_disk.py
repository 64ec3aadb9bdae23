"""A file system that is really full: the kernel says so."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.services import left_out

STRANGER: Final = "of another program"
"""The file that takes the room."""


@contextlib.contextmanager
def small_disk(place: Path, size: str) -> Iterator[None]:
    """A file system of that size. Needs root."""
    place.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        left_out("A small file system cannot be mounted here (needs root).")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def fill(place: Path) -> None:
    """To the last byte."""
    with contextlib.suppress(OSError), (place / STRANGER).open("wb", buffering=0) as file:
        while file.write(bytes(65_536)):
            pass


def make_room(place: Path) -> None:
    (place / STRANGER).unlink()
