"""The child that cuts a clip: `python -m server.apart.clip_child FILM HEADER_BYTES START END OUT`.

Everything it imports counts: of the 50 ms a clip may cost, most is the start of a process.
"""

import os
import sys

from server.media.progressive import write_clip


def main(film: str, header_bytes: str, start: str, end: str, out: str) -> int:
    """1 for what is no recording, or a disk that is full; then nothing is left behind."""
    half = f"{out}.{os.getpid()}"  # several hubs may cut the same one
    try:
        with open(film, "rb") as source, open(half, "wb") as target:
            write_clip(source, int(header_bytes), int(start), int(end), target)
        os.replace(half, out)
    except (OSError, ValueError):
        if os.path.exists(half):
            os.unlink(half)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
