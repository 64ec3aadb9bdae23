"""The child process of an encoder's stream: `python -m server.media.pull_child`. The order comes on standard input,
`pipe` messages go out, and the end of standard input is the end of it.

It fetches from an address that the configuration names, and parses what a stranger's encoder sent; so it has no
secrets of the house, no files, and a bound on memory.
"""

import contextlib
import os
import socket
import sys
import threading
import time
from typing import Final

from server.media.bad_media import BadMedia
from server.media.child import Voice, confine
from server.media.pipe import Failed, PullOrder, read_order
from server.media.pulling import Pulling
from server.media.rtmp.address import BadAddress, place_of
from server.media.rtmp.amf import BadAmf
from server.media.rtmp.chunks import BadChunks
from server.media.rtmp.link import Refused, RtmpLink
from server.media.telling import Telling

SILENT_S: Final = 4.0
"""Nothing for so long: the encoder is gone, whatever the server thinks."""


def main() -> int:
    """Until the hub has enough, the stream ends, or it turns out to be unusable."""
    order = read_order(0, PullOrder)
    confine()
    say = Voice()
    lock = threading.Lock()
    telling = Telling(say)
    pulling = Pulling(order.offset_ms, order.started_at_ms, telling.header, telling.part)

    def until_enough() -> None:
        while os.read(0, 4096):
            pass
        with lock:  # held for good: nothing is fed any more
            _end(pulling)
            os._exit(0)

    threading.Thread(target=until_enough, daemon=True).start()
    reason = "gone"
    try:
        _pull(order, pulling, lock)
    except BadMedia as bad:
        reason = bad.reason
    except Refused:
        reason = "refused"
    except (BadChunks, BadAmf, BadAddress, ValueError, MemoryError, ArithmeticError):
        reason = "broken"
    except BrokenPipeError:
        return 0
    except OSError:
        pass
    with lock:
        _end(pulling)
        say(Failed(reason=reason if pulling.begun or reason != "gone" else "no_video"))
    return 0


def _pull(order: PullOrder, pulling: Pulling, lock: threading.Lock) -> None:
    place = place_of(order.url)
    family, _, _, _, name = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)[0]
    link = RtmpLink.connect(place, family, str(name[0]))
    try:
        link.play(order.name)
        for message in link.messages(SILENT_S):
            with lock:
                pulling.feed(message, time.time() * 1000)
    finally:
        link.close()


def _end(pulling: Pulling) -> None:
    with contextlib.suppress(BadMedia, ValueError, OSError):
        pulling.end()


if __name__ == "__main__":
    sys.exit(main())
