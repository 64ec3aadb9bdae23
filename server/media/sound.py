"""Sound in the child: Opus (or AAC that must be made anew) in, AAC out, on a clock of its own.

Recorders stamp Opus in whole milliseconds; rescaled, such times run backwards now and then. So samples are counted from
the first stamp on, and the count follows the stamps only when they are further apart than a person would notice.
"""

from typing import Final

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from server.media.boxes import AUDIO_SCALE, AudioFormat, Sample

FRAME: Final = 1024
"""Samples of one AAC frame."""
BIT_RATE: Final = 64_000
DRIFT: Final = int(0.120 * AUDIO_SCALE)


class Sound:
    """One track of sound. Raises `av.error.FFmpegError` for what is none."""

    def __init__(self, private: bytes, codec: str = "libopus") -> None:
        """`private`: the track's OpusHead, or for `aac` its AudioSpecificConfig."""
        decoder: av.AudioCodecContext = av.CodecContext.create(codec, "r")  # type: ignore[assignment]
        if private:
            decoder.extradata = private
        self._decoder = decoder
        self._resampler = AudioResampler(format="fltp", layout="mono", rate=AUDIO_SCALE, frame_size=FRAME)
        encoder = av.CodecContext.create("aac", "w")
        encoder.sample_rate = AUDIO_SCALE
        encoder.layout = "mono"
        encoder.format = "fltp"
        encoder.bit_rate = BIT_RATE
        # Flag "global header": the AudioSpecificConfig goes into the header, not into each frame.
        encoder.flags |= 1 << 22
        encoder.open()
        self._encoder = encoder
        self._next: int | None = None
        self._priming = True

    def format(self) -> AudioFormat:
        """For the header."""
        return AudioFormat(channels=1, config=bytes(self._encoder.extradata or b""))

    def frames(self, data: bytes, at: int) -> list[Sample]:
        """The AAC frames that are ready after that packet; `at` in ticks of AUDIO_SCALE."""
        found: list[Sample] = []
        for decoded in self._decoder.decode(av.Packet(data)):
            decoded.pts = None
            for frame in self._resampler.resample(decoded):
                found += self._encode(frame, at)
        return found

    def end(self) -> list[Sample]:
        """What decoder and encoder still hold."""
        if self._next is None:
            return []
        found: list[Sample] = []
        for frame in self._resampler.resample(None):
            found += self._encode(frame, self._next)
        for packet in self._encoder.encode(None):
            found.append(Sample(self._next, FRAME, True, bytes(packet)))
            self._next += FRAME
        return found

    def _encode(self, frame: AudioFrame, at: int) -> list[Sample]:
        if self._next is None or at - self._next > DRIFT:
            self._next = at
        elif self._next - at > 4 * DRIFT:
            return []  # ahead of the picture: this one is left out
        frame.pts = None
        found: list[Sample] = []
        for packet in self._encoder.encode(frame):
            if self._priming:
                self._priming = False  # the encoder's run-up, before the first sample that was heard
                continue
            found.append(Sample(self._next, FRAME, True, bytes(packet)))
            self._next += FRAME
        return found


class CopiedSound:
    """AAC that fits, on a clock of its own as `Sound` has it."""

    def __init__(self, config: bytes, channels: int) -> None:
        self._format = AudioFormat(channels=channels, config=config)
        self._next: int | None = None

    def format(self) -> AudioFormat:
        """For the header."""
        return self._format

    def frames(self, data: bytes, at: int) -> list[Sample]:
        """The frame, where it belongs; `at` in ticks of AUDIO_SCALE."""
        if self._next is None or at - self._next > DRIFT:
            self._next = at
        elif self._next - at > 4 * DRIFT:
            return []
        sample = Sample(self._next, FRAME, True, data)
        self._next += FRAME
        return [sample]

    def end(self) -> list[Sample]:
        """Nothing waits here."""
        return []
