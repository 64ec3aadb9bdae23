"""VP8 into H.264, for recorders that have no H.264 (Firefox, some Chromium builds). Costs a tenth to a third of a core
for a picture, so a hub does it for a few only."""

from fractions import Fraction
from typing import Final

import av
from av.video.frame import PictureType

from server.media.bad_media import BadMedia

LINES_MOST: Final = 480
BIT_RATE: Final = 800_000
KEY_EVERY_MS: Final = 2_000


class Transcoder:
    """Raises `av.error.FFmpegError` for what is no VP8, `BadMedia` when the size changes."""

    def __init__(self) -> None:
        self._decoder = av.CodecContext.create("vp8", "r")
        self._decoder.thread_count = 1
        self._encoder: av.VideoCodecContext | None = None
        self._size = (0, 0)
        self._key_ms = 0

    def frames(self, data: bytes, at_ms: int) -> list[tuple[int, bytes]]:
        """The H.264 frames that are ready, with start codes, and when they are shown."""
        found: list[tuple[int, bytes]] = []
        for frame in self._decoder.decode(av.Packet(data)):
            size = (frame.width, frame.height)
            if self._encoder is None:
                self._size, self._encoder = size, _encoder(*fitting(*size))
                self._key_ms = at_ms - KEY_EVERY_MS
            elif size != self._size:
                raise BadMedia("size_changed")
            width, height = fitting(*size)
            small = frame.reformat(width, height, "yuv420p")
            small.pts, small.time_base = at_ms, Fraction(1, 1000)
            small.pict_type = PictureType.NONE
            if at_ms - self._key_ms >= KEY_EVERY_MS:
                small.pict_type, self._key_ms = PictureType.I, at_ms
            found += [(int(packet.pts or 0), bytes(packet)) for packet in self._encoder.encode(small)]
        return found


def fitting(width: int, height: int) -> tuple[int, int]:
    """At most LINES_MOST on the shorter side, even numbers. Raises `BadMedia`."""
    if not (16 <= width <= 4096 and 16 <= height <= 4096):
        raise BadMedia("codec", "a strange size")
    share = min(1.0, LINES_MOST / min(width, height))
    return max(16, round(width * share / 2) * 2), max(16, round(height * share / 2) * 2)


def _encoder(width: int, height: int) -> "av.VideoCodecContext":
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base = Fraction(1, 1000)
    encoder.framerate = Fraction(25)
    encoder.bit_rate = BIT_RATE
    encoder.gop_size = 250  # by time, not by count: frames come as they come
    encoder.thread_count = 1
    encoder.options = {
        "preset": "veryfast",
        "tune": "zerolatency",
        "profile": "baseline",
        "forced-idr": "1",
        "maxrate": str(BIT_RATE),
        "bufsize": str(BIT_RATE),
    }
    encoder.open()
    return encoder
