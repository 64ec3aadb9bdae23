"""What the child does: a recording in WebM or MP4 in, a header and parts out. H.264 is copied, so is AAC that fits;
Opus becomes AAC, and VP8 H.264 where that is allowed."""

from collections.abc import Callable
from typing import Final

from server.media import flv, h264
from server.media.bad_media import BadMedia
from server.media.boxes import AUDIO_SCALE, UPRIGHT, VIDEO_SCALE, Sample, VideoFormat, header
from server.media.cutting import Cutter, Part
from server.media.fmp4 import Mp4Reader
from server.media.pipe import Container, Order
from server.media.sound import CopiedSound, Sound
from server.media.transcoding import Transcoder
from server.media.webm import Frame, Track, WebmReader

JUMP_MS: Final = 5_000.0
"""A clock that leaps further is a recorder that slept (a phone that was locked): the host begins anew."""
BACK_MS: Final = 1_000.0


class Packaging:
    """One generation. Raises `BadMedia`; after that it is over."""

    def __init__(self, order: Order, on_header: Callable[[bytes], None], on_part: Callable[[Part], None]) -> None:
        self._offset_ms = order.offset_ms
        self._may_transcode = order.transcode
        self._transcoder: Transcoder | None = None
        self._on_header = on_header
        self._on_part = on_part
        self._mp4 = Mp4Reader() if order.container is Container.MP4 else None
        self._reader: WebmReader | Mp4Reader = self._mp4 or WebmReader()
        self._cutter = Cutter()
        self._parameters: h264.Parameters | None = None
        self._lengths = False
        self._last_ms: float | None = None
        self._sound: Sound | CopiedSound | None = None
        self._chosen: dict[int, Track] = {}

    def feed(self, data: bytes) -> None:
        """More of the recording."""
        for frame in self._reader.feed(data):
            if not self._chosen:
                self._choose()
            if frame.track is self._chosen.get(1):
                self._video(frame)
            elif frame.track is self._chosen.get(2):
                self._audio(frame)

    def end(self) -> None:
        """Nothing more comes."""
        for sample in self._sound.end() if self._sound is not None else ():
            self._cutter.audio(sample)
        for part in self._cutter.end():
            self._on_part(part)

    def _choose(self) -> None:
        for track in self._reader.tracks.values():
            self._chosen.setdefault(track.kind, track)
        video, audio = self._chosen.get(1), self._chosen.get(2)
        if video is None:
            raise BadMedia("no_video")
        if video.codec == "V_VP8" and self._may_transcode:
            self._transcoder = Transcoder()
        elif video.codec != "V_MPEG4/ISO/AVC":
            raise BadMedia("codec", video.codec)
        self._parameters_from(h264.parameters_of(video.private))
        self._lengths = self._parameters is not None or self._mp4 is not None
        self._sound = _sound_of(audio) if audio is not None else None
        if self._parameters is not None:
            self._show_header()

    def _parameters_from(self, found: h264.Parameters | None) -> bool:
        """Whether they are the first ones. Others in the middle would need another header, so the host begins anew."""
        if found is None or found == self._parameters:
            return False
        if self._parameters is not None:
            raise BadMedia("size_changed")
        self._parameters = found
        return True

    def _show_header(self) -> None:
        assert self._parameters is not None
        width, height = h264.picture_size(self._parameters.sps)
        matrix = self._mp4.matrix if self._mp4 is not None else UPRIGHT
        video = VideoFormat(width=width, height=height, avcc=self._parameters.avcc(), matrix=matrix)
        self._on_header(header(video, self._sound.format() if self._sound is not None else None))

    def _video(self, frame: Frame) -> None:
        at_ms = self._in_order(frame.at_ms)
        if self._transcoder is None:
            self._encoded(frame.data, at_ms, frame.shift_ms)
            return
        for shown_ms, data in self._transcoder.frames(frame.data, round(at_ms)):
            self._encoded(data, shown_ms)

    def _encoded(self, data: bytes, at_ms: float, shift_ms: float = 0.0) -> None:
        found = h264.units(data, lengths=self._lengths)
        if self._parameters_from(h264.parameters_in(found)):
            self._show_header()
        if self._parameters is None:
            return
        at = round((self._offset_ms + at_ms) * VIDEO_SCALE / 1000)
        shift = round(shift_ms * VIDEO_SCALE / 1000)
        for part in self._cutter.video(Sample(at, 0, h264.is_key(found), h264.sample(found), shift)):
            self._on_part(part)

    def _in_order(self, at_ms: float) -> float:
        last = self._last_ms
        if last is not None:
            if at_ms < last - BACK_MS or at_ms > last + JUMP_MS:
                raise BadMedia("clock")
            at_ms = max(at_ms, last + 1)
        elif not -BACK_MS <= at_ms <= 60_000:
            raise BadMedia("clock")
        self._last_ms = at_ms
        return at_ms

    def _audio(self, frame: Frame) -> None:
        if self._sound is None:
            return
        at_ms = self._offset_ms + frame.at_ms
        for sample in self._sound.frames(frame.data, round(at_ms * AUDIO_SCALE / 1000)):
            if sample.at >= 0:
                self._cutter.audio(sample)


def _sound_of(track: Track) -> Sound | CopiedSound:
    """Raises `BadMedia` for a codec nobody records."""
    if track.codec == "A_OPUS":
        return Sound(track.private)
    if track.codec != "A_AAC":
        raise BadMedia("codec", track.codec)
    config = flv.aac_config(track.private)
    return CopiedSound(track.private, config.channels) if config.fits() else Sound(track.private, "aac")
