"""The child process: `python -m server.media.child ORDER`. Recording on standard input, `pipe` messages out.

It parses what strangers send with a C library, so it has nothing to lose: no secrets in its environment, no files, no
network, a bound on memory. When it dies, one picture begins anew and nothing else happens.
"""

import contextlib
import os
import resource
import sys
from typing import Final

import msgspec

from server.media.bad_media import BadMedia
from server.media.pipe import Failed, Order, Told, packed

MEMORY_BYTES: Final = 1024 * 1024 * 1024
"""Address space; libav's libraries take 300 MB of it without using it."""
FILES: Final = 16
READ_BYTES: Final = 64 * 1024


def confine() -> None:
    """Give up what is not needed. After the imports: those open files."""
    limits = {
        resource.RLIMIT_AS: MEMORY_BYTES,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: FILES,
    }
    for limit, value in limits.items():
        with contextlib.suppress(ValueError, OSError):  # macOS knows some of them by name only
            resource.setrlimit(limit, (value, value))
    with contextlib.suppress(OSError):
        os.nice(5)  # a picture may be late; a card may not
        if hasattr(os, "SCHED_BATCH"):
            # Linux: one that wakes does not push a hub aside in the middle of a fan-out, it waits for its turn.
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def main() -> int:
    """Until standard input ends or the recording turns out to be unusable."""
    from server.media.packaging import Packaging  # late: it brings libav
    from server.media.telling import Telling

    order = msgspec.json.decode(sys.argv[1], type=Order)
    confine()
    say = Voice()
    telling = Telling(say)
    packaging = Packaging(order, telling.header, telling.part)
    try:
        while data := os.read(0, READ_BYTES):
            packaging.feed(data)
        packaging.end()
    except BadMedia as bad:
        say(Failed(reason=bad.reason))
    except BrokenPipeError:
        return 0
    except (ValueError, MemoryError, ArithmeticError, OSError):
        # libav's errors are ValueErrors and OSErrors. Never their text: it may quote what somebody sent.
        say(Failed(reason="broken"))
    return 0


class Voice:
    """Writes whole messages."""

    def __call__(self, message: Told) -> None:
        rest = memoryview(packed(message))
        while rest:
            rest = rest[os.write(1, rest) :]


if __name__ == "__main__":
    sys.exit(main())
