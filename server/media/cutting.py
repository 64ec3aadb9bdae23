"""Frames into parts of a third of a second and segments of a group of pictures.

Parts are cut by time and never by the longest one seen: one hiccup of an encoder would move every viewer
away from the live edge for good.
"""

import itertools
from typing import Final

import msgspec

from server.media.boxes import AUDIO_SCALE, VIDEO_SCALE, Sample, fragment

PART_S: Final = 0.334
SEGMENT_LEAST_S: Final = 1.5
SEGMENT_MOST_S: Final = 3.9
"""A segment ends here although no key frame came: playlists promise that none is longer than 4 s."""
_PART: Final = int(PART_S * VIDEO_SCALE)
_LEAST: Final = int(SEGMENT_LEAST_S * VIDEO_SCALE)
_MOST: Final = int(SEGMENT_MOST_S * VIDEO_SCALE)
AUDIO_WAITING: Final = 500
"""Frames of sound that may wait for a picture: 10 s."""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A fragment. `at` and `duration` in 1/90000 s; `independent`: decoding can begin here; `opens`: it is the first of
    a segment; `sound`: the same with its sound alone."""

    at: int
    duration: int
    independent: bool
    opens: bool
    data: bytes
    sound: bytes = b""


class Cutter:
    """Samples in decode order in, parts out. Holds one frame back, whose length the next one tells."""

    def __init__(self) -> None:
        self._sequence = 0
        self._held: Sample | None = None
        self._video: list[Sample] = []
        self._audio: list[Sample] = []
        self._segment_at = -1
        self._opens = True

    def video(self, sample: Sample) -> list[Part]:
        """One more frame of the picture. Frames before the first key frame are dropped: nobody could decode them."""
        held, self._held = self._held, sample
        if held is None:
            if not sample.key:
                self._held = None
            return []
        done = Sample(held.at, sample.at - held.at, held.key, held.data, held.shift)
        return self._add(done, sample)

    def audio(self, sample: Sample) -> None:
        """One more frame of sound."""
        self._audio.append(sample)
        del self._audio[: max(0, len(self._audio) - AUDIO_WAITING)]

    def end(self) -> list[Part]:
        """The rest, with a usual duration for the last frame."""
        if self._held is not None:
            held = self._held
            self._held = None
            self._video.append(Sample(held.at, VIDEO_SCALE // 25, held.key, held.data, held.shift))
        return [self._cut()] if self._video else []

    def _add(self, done: Sample, coming: Sample) -> list[Part]:
        if self._segment_at < 0:
            self._segment_at = done.at
        self._video.append(done)
        length = coming.at - self._segment_at
        if (coming.key and length >= _LEAST) or length >= _MOST:
            part = self._cut()
            self._opens, self._segment_at = True, coming.at
            return [part]
        # The next frame's own length is not known; frames are alike, so this one's stands for it.
        if coming.at + done.duration - self._video[0].at > _PART:
            return [self._cut()]
        return []

    def _cut(self) -> Part:
        video, self._video = self._video, []
        at, until = video[0].at, video[-1].at + video[-1].duration
        ready = [s for s in self._audio if s.at * VIDEO_SCALE < until * AUDIO_SCALE]
        self._audio = self._audio[len(ready) :]
        part = Part(
            at=at,
            duration=until - at,
            independent=video[0].key,
            opens=self._opens,
            data=fragment(self._sequence + 1, video, _joined(ready)),
        )
        self._sequence += 1
        self._opens = False
        return part


def _joined(samples: list[Sample]) -> list[Sample]:
    """Each sample lasts until the next one begins, so that a jump of the clock is a long frame and no hole."""
    return [
        Sample(one.at, other.at - one.at, one.key, one.data) for one, other in itertools.pairwise(samples)
    ] + samples[-1:]
