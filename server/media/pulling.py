"""What the child makes of an encoder's stream: RTMP messages in, a header and parts out. H.264 is copied; AAC is copied
where it fits, else made anew.

RTMP has no capture clock: its times begin anywhere. So the moment a frame *arrived* stands for the moment it was taken,
and since networks only delay, the frame that was delayed least in the first moments says how the two clocks lie.
"""

from collections.abc import Callable
from typing import Final

from server.media import flv, h264
from server.media.bad_media import BadMedia
from server.media.boxes import AUDIO_SCALE, VIDEO_SCALE, Sample, VideoFormat, header
from server.media.cutting import Cutter, Part
from server.media.rtmp.chunks import Kind, Message
from server.media.sound import CopiedSound, Sound

SETTLE_MS: Final = 250.0
"""What comes within so long of the first key frame waits: it tells the clock, and whether there is sound."""
JUMP_MS: Final = 5_000
BACK_MS: Final = 1_000
BYTES_PER_S: Final = 8_000_000 // 8
MEASURE_MS: Final = 5_000.0
_COPIED: Final = frozenset({66, 77, 88, 100})
"""Profiles browsers play: Baseline, Main, Extended, High."""


class Timed:
    """A message's time as a number that does not wrap."""

    def __init__(self) -> None:
        self._last: int | None = None
        self._total = 0

    def __call__(self, at_ms: int) -> int:
        if self._last is not None:
            step = (at_ms - self._last) & 0xFFFFFFFF
            self._total += step - (1 << 32) if step >= 1 << 31 else step
        self._last = at_ms
        return self._total


class Pulling:
    """One generation. `offset_ms`: where `started_at_ms` (wall clock) stands on the session's clock. Raises `BadMedia`;
    after that it is over."""

    def __init__(
        self,
        offset_ms: float,
        started_at_ms: float,
        on_header: Callable[[bytes], None],
        on_part: Callable[[Part], None],
    ) -> None:
        self._origin_ms = offset_ms - started_at_ms
        self._floor_ms = started_at_ms
        self._on_header = on_header
        self._on_part = on_part
        self._cutter = Cutter()
        self._time = Timed()
        self._parameters: h264.Parameters | None = None
        self._aac: bytes | None = None
        self._sound: Sound | CopiedSound | None = None
        self._waiting: list[tuple[Message, int]] | None = []
        self._began_ms: float | None = None
        self._lead_ms = 0.0  # wall clock at time 0 of the stream
        self._last_ms: int | None = None
        self._measured_ms = started_at_ms
        self._measured = 0

    def feed(self, message: Message, now_ms: float) -> None:
        """One message, which came at `now_ms` (wall clock)."""
        if message.kind not in (Kind.AUDIO, Kind.VIDEO):
            return
        self._measure(len(message.body), now_ms)
        at_ms = self._time(message.at_ms)
        if self._waiting is None:
            self._message(message, at_ms)
            return
        self._waiting.append((message, at_ms))
        lead_ms = now_ms - at_ms
        if self._began_ms is None:
            self._look_for_beginning(message, now_ms, lead_ms)
        else:
            self._lead_ms = min(self._lead_ms, lead_ms)
            if now_ms - self._began_ms >= SETTLE_MS:
                self._begin()

    @property
    def begun(self) -> bool:
        """Whether there was a picture."""
        return self._waiting is None

    def end(self) -> None:
        """Nothing more comes."""
        if self._waiting and self._began_ms is not None:
            self._begin()
        for sample in self._sound.end() if self._sound is not None else ():
            self._cutter.audio(sample)
        for part in self._cutter.end():
            self._on_part(part)

    def _measure(self, size: int, now_ms: float) -> None:
        self._measured += size
        if now_ms - self._measured_ms >= MEASURE_MS:
            if self._measured * 1000 / (now_ms - self._measured_ms) > BYTES_PER_S:
                raise BadMedia("too_large", "more than 8 Mbit/s")
            self._measured, self._measured_ms = 0, now_ms
        elif self._measured > 4 * BYTES_PER_S * MEASURE_MS / 1000:
            raise BadMedia("too_large", "far too much at once")

    def _look_for_beginning(self, message: Message, now_ms: float, lead_ms: float) -> None:
        assert self._waiting is not None
        if (
            message.kind == Kind.VIDEO
            and message.body[:1]
            and message.body[0] >> 4 == 1
            and message.body[1:2] == b"\x01"
        ):
            self._began_ms, self._lead_ms = now_ms, lead_ms
        # Headers are kept, frames before the first key frame are nothing.
        elif message.body[1:2] != b"\0":
            self._waiting.pop()
        elif len(self._waiting) > 16:
            raise BadMedia("no_video")

    def _begin(self) -> None:
        waiting, self._waiting = self._waiting or [], None
        for message, _ in waiting:
            self._configure(message)
        if self._parameters is None:
            raise BadMedia("no_video")
        if self._aac is not None:
            config = flv.aac_config(self._aac)
            fits = config.fits()
            self._sound = CopiedSound(self._aac, config.channels) if fits else Sound(self._aac, "aac")
        width, height = h264.picture_size(self._parameters.sps)
        video = VideoFormat(width=width, height=height, avcc=self._parameters.avcc())
        self._on_header(header(video, self._sound.format() if self._sound is not None else None))
        first_ms = next((at for message, at in waiting if message.body[1:2] == b"\x01"), 0)
        self._lead_ms = max(self._lead_ms, self._floor_ms - first_ms)
        for message, at_ms in waiting:
            if message.body[1:2] != b"\0":
                self._message(message, at_ms)

    def _configure(self, message: Message) -> None:
        """The stream's own headers, as they stand at the beginning."""
        if message.kind == Kind.VIDEO:
            video = flv.video_of(message.body)
            if video is not None and video.config:
                self._parameters = _parameters(video.data)
        else:
            audio = flv.audio_of(message.body)
            if audio is not None and audio.config:
                self._aac = audio.data

    def _message(self, message: Message, at_ms: int) -> None:
        if message.kind == Kind.VIDEO:
            video = flv.video_of(message.body)
            if video is None:
                return
            if video.config:
                if _parameters(video.data) != self._parameters:
                    raise BadMedia("size_changed")
                return
            self._video(video, at_ms)
        else:
            audio = flv.audio_of(message.body)
            if audio is None:
                return
            if audio.config:
                if audio.data != self._aac:
                    raise BadMedia("size_changed", "other sound")
                return
            self._audio(audio.data, at_ms)

    def _video(self, video: flv.VideoBody, at_ms: int) -> None:
        last_ms = self._last_ms
        if last_ms is not None:
            if at_ms < last_ms - BACK_MS or at_ms > last_ms + JUMP_MS:
                raise BadMedia("clock")
            at_ms = max(at_ms, last_ms + 1)
        self._last_ms = at_ms
        found = h264.units(video.data, lengths=True)
        inside = h264.parameters_in(found)
        if inside is not None and inside != self._parameters:
            raise BadMedia("size_changed")
        at = round(self._on_clock(at_ms) * VIDEO_SCALE / 1000)
        shift = video.shift_ms * VIDEO_SCALE // 1000
        for part in self._cutter.video(Sample(at, 0, h264.is_key(found), h264.sample(found), shift)):
            self._on_part(part)

    def _audio(self, data: bytes, at_ms: int) -> None:
        if self._sound is None:
            raise BadMedia("size_changed", "sound without a header")
        if self._last_ms is not None and not -JUMP_MS <= at_ms - self._last_ms <= JUMP_MS:
            return
        for sample in self._sound.frames(data, round(self._on_clock(at_ms) * AUDIO_SCALE / 1000)):
            if sample.at >= 0:
                self._cutter.audio(sample)

    def _on_clock(self, at_ms: int) -> float:
        return at_ms + self._lead_ms + self._origin_ms


def _parameters(avcc: bytes) -> h264.Parameters:
    if len(avcc) < 7 or avcc[0] != 1 or avcc[4] & 3 != 3 or avcc[1] not in _COPIED:
        raise BadMedia("codec", "a strange H.264")
    found = h264.parameters_of(avcc)
    if found is None:
        raise BadMedia("codec", "no parameter sets")
    return found
