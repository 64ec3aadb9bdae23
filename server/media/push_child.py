"""The child process that sends a picture on to one platform: `python -m server.media.push_child`. The order and then
header and parts come on standard input as `pipe` messages; what became of it goes out the same way.

One child for each platform: whatever a platform does, it does it to this process. The platform's key comes by the pipe
and stands in no argument, no environment and no message; the address is looked up and looked at here, a moment before
it is connected to.
"""

import contextlib
import ipaddress
import os
import ssl
import sys
import threading
from typing import Final

from server.media import flv
from server.media.bad_media import BadMedia
from server.media.boxes import VIDEO
from server.media.child import Voice, confine
from server.media.pipe import Accepted, Failed, HeaderIs, PartIs, PushOrder, read_message, read_order
from server.media.rtmp.address import BadAddress, place_of, resolved
from server.media.rtmp.amf import BadAmf
from server.media.rtmp.chunks import BadChunks, Kind, Message
from server.media.rtmp.link import Refused, RtmpLink
from server.media.unpacked import Formats, Shown, formats_of, frames_of

WRITE_S: Final = 8.0
"""A platform that takes nothing for so long hangs."""
QUIET_S: Final = 120.0
"""Platforms say nothing for long; a connection that is gone is noticed by writing."""


def main() -> int:
    """Until the hub has nothing more, or the platform will not."""
    order = read_order(0, PushOrder)
    say = Voice()
    reason = ""
    try:
        _push(order, say)
    except Refused:
        reason = "refused"
    except BadAddress:
        reason = "address"
    except TimeoutError:
        reason = "slow"
    except ssl.SSLError:  # before ValueError, which a bad certificate is too
        reason = "certificate"
    except (BadMedia, BadChunks, BadAmf, ValueError, MemoryError, ArithmeticError):
        reason = "broken"
    except OSError:  # socket.gaierror too
        reason = "gone"
    with contextlib.suppress(OSError):
        if reason:
            say(Failed(reason=reason))
    os._exit(0)  # the thread that listens may stand in a read


def _push(order: PushOrder, say: Voice) -> None:
    place = place_of(order.url)
    family, address = resolved(place, [ipaddress.ip_network(each) for each in order.private])
    link = RtmpLink.connect(place, family, address)
    confine()  # after the certificates were read
    link.publish(order.key)
    say(Accepted())
    link.settle(WRITE_S)
    threading.Thread(target=_listen, args=(link, say), daemon=True).start()
    sending = Sending(link)
    while (message := read_message(0)) is not None:
        if isinstance(message, HeaderIs):
            sending.header(formats_of(message.data))
        elif isinstance(message, PartIs):
            for frame in frames_of(message.data):
                sending.frame(frame)
    link.unpublish(order.key)
    link.close()


def _listen(link: RtmpLink, say: Voice) -> None:
    """Pings are answered, and a platform that closes is noticed."""
    reason = "gone"
    try:
        for message in link.messages_quietly():
            if message.kind == Kind.COMMAND and link.is_refusal(message):
                reason = "refused"
                break
    except (OSError, ValueError):
        pass
    with contextlib.suppress(OSError):
        say(Failed(reason=reason))
    os._exit(0)


class Sending:
    """Frames as RTMP messages, on a clock that begins at 0 and goes on over new headers."""

    def __init__(self, link: RtmpLink) -> None:
        self._link = link
        self._zero_ms: float | None = None
        self._formats: Formats | None = None
        self._last_ms = {VIDEO: -1, 0: -1}

    def header(self, formats: Formats) -> None:
        """Of what follows."""
        self._formats = formats
        at_ms = max(0, *self._last_ms.values())
        self._send(Kind.VIDEO, at_ms, flv.video_body(formats.avcc, key=True, config=True))
        if formats.aac:
            self._send(Kind.AUDIO, at_ms, flv.audio_body(formats.aac, config=True))

    def frame(self, frame: Shown) -> None:
        """One frame."""
        if self._zero_ms is None:
            self._zero_ms = frame.at_ms
        is_video = frame.track == VIDEO
        track = VIDEO if is_video else 0
        at_ms = max(round(frame.at_ms - self._zero_ms), self._last_ms[track] + is_video, 0)
        self._last_ms[track] = at_ms
        if is_video:
            self._send(Kind.VIDEO, at_ms, flv.video_body(frame.data, key=frame.key, shift_ms=round(frame.shift_ms)))
        else:
            self._send(Kind.AUDIO, at_ms, flv.audio_body(frame.data))

    def _send(self, kind: Kind, at_ms: int, body: bytes) -> None:
        self._link.send(Message(kind, at_ms & 0xFFFFFFFF, body, self._link.stream))


if __name__ == "__main__":
    sys.exit(main())
