"""In the child: a look at the picture every five seconds, for stills and for alarms (black, frozen, silent).

One key frame is decoded, 5 ms of processor at 720p; of the sound one part in each second.
"""

import math
from fractions import Fraction
from typing import Final

import av
from av.video.frame import VideoFrame

from server.media.boxes import VIDEO_SCALE
from server.media.cutting import Part
from server.media.fragments import AUDIO, VIDEO, picture_config, samples_of, sound_config
from server.media.pipe import LookIs

EVERY: Final = 5 * VIDEO_SCALE
LISTEN_EVERY: Final = VIDEO_SCALE
STILL_WIDTH: Final = 320
STILL_BYTES: Final = 64 * 1024
CELLS: Final = (32, 18)
"""The picture is compared in as many cells: noise of a sensor is gone in them, a hand that moves is not."""
SILENCE_DB: Final = -99.0
STRIDE: Final = 16
"""Of the samples of a frame one in so many is looked at."""


class Looking:
    """One generation. Never raises for what it cannot decode: then it has seen nothing."""

    def __init__(self, header: bytes) -> None:
        self._picture: av.VideoCodecContext = av.CodecContext.create("h264", "r")
        self._picture.extradata = picture_config(header)
        self._picture.thread_count = 1
        config = sound_config(header)
        self._sound: av.AudioCodecContext | None = None
        if config:
            self._sound = av.CodecContext.create("aac", "r")
            assert self._sound is not None
            self._sound.extradata = config
        self._looked_at = -EVERY
        self._listened_at = -LISTEN_EVERY
        self._cells: bytes | None = None
        self._loud = 0.0

    def at(self, part: Part) -> LookIs | None:
        """What there is to tell after that part."""
        try:
            if self._sound is not None and part.at - self._listened_at >= LISTEN_EVERY:
                self._listened_at = part.at
                self._loud = max(self._loud, self._listen(part.data))
            if part.independent and part.at - self._looked_at >= EVERY:
                self._looked_at = part.at
                return self._look(part.data)
        except (ValueError, OSError, MemoryError):  # libav's errors among them
            pass
        return None

    def _listen(self, fragment: bytes) -> float:
        """Root of the mean square of what is heard in it; the first frame lacks its neighbour and is left out."""
        assert self._sound is not None
        squares = count = 0.0
        for index, sample in enumerate(samples_of(fragment, AUDIO)):
            for frame in self._sound.decode(av.Packet(sample)):
                if index:
                    heard = memoryview(bytes(frame.planes[0])).cast("f")[::STRIDE]
                    squares += sum(value * value for value in heard)
                    count += len(heard)
        return math.sqrt(squares / count) if count else 0.0

    def _look(self, fragment: bytes) -> LookIs | None:
        key = samples_of(fragment, VIDEO)[0]
        frames = self._picture.decode(av.Packet(key)) + self._picture.decode(None)
        self._picture.flush_buffers()
        if not frames:
            return None
        frame = frames[0]
        cells = _luma(frame, *CELLS)
        before, self._cells = self._cells, cells
        loud, self._loud = self._loud, 0.0
        return LookIs(
            still=_jpeg(frame),
            mean=sum(cells) / len(cells),
            bright=sorted(cells)[len(cells) * 99 // 100],
            change=None if before is None else max(abs(a - b) for a, b in zip(before, cells, strict=True)),
            loud_db=None if self._sound is None else _db(loud),
        )


def _db(level: float) -> float:
    return round(max(SILENCE_DB, 20 * math.log10(level)), 1) if level > 0 else SILENCE_DB


def _luma(frame: VideoFrame, width: int, height: int) -> bytes:
    # By area: each cell is the mean of what lies in it.
    plane = frame.reformat(width, height, "gray", interpolation="AREA").planes[0]
    data = bytes(plane)
    return b"".join(data[row * plane.line_size : row * plane.line_size + width] for row in range(height))


def _jpeg(frame: VideoFrame) -> bytes:
    width = STILL_WIDTH if frame.width >= frame.height else STILL_WIDTH * 9 // 16
    height = max(16, round(frame.height * width / frame.width / 2) * 2)
    small = frame.reformat(width, height, "yuvj420p")
    encoder: av.VideoCodecContext = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuvj420p"
    encoder.time_base = Fraction(1, 1)
    encoder.thread_count = 1
    encoder.options = {"qmin": "5", "qmax": "5"}
    small.pts = 0
    data = b"".join(bytes(packet) for packet in [*encoder.encode(small), *encoder.encode(None)])
    return data if len(data) <= STILL_BYTES else b""
