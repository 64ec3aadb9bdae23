"""The last seconds of a session's picture in memory, and the LL-HLS playlist of them (RFC 8216bis).

Addresses of parts and segments never change their content, so a cache may keep them; the number of a segment grows over
the hub's restarts, because it begins with the clock.
"""

from collections import deque
from datetime import UTC, datetime
from typing import Final

import msgspec

from server.media.boxes import VIDEO_SCALE
from server.media.cutting import PART_S, Part

SEGMENTS: Final = 8
"""Whole segments kept: 16 s at the usual two seconds. A viewer that was away longer begins at the live edge."""
SEGMENTS_WITH_PARTS: Final = 3
PARTS_KEPT: Final = 64
"""Parts of one segment at most."""
WINDOW_BYTES: Final = 24 * 1024 * 1024
TARGET_S: Final = 4
HOLD_BACK_S: Final = 1.5
"""How far from the live edge players stay: 1.8 s from glass to glass measured, and one late part does not stop them."""


class Generation(msgspec.Struct, frozen=True, kw_only=True):
    """One unbroken recording of a host. `base_ms`: wall clock at tick 0 of its parts; `sound`: the header
    of the sound alone, empty for a picture without."""

    number: int
    header: bytes
    base_ms: float
    sound: bytes = b""


class Segment:
    """Parts that follow each other. `at_ms`: capture time of its first frame."""

    __slots__ = ("at_ms", "begins", "bytes", "done", "duration_s", "generation", "number", "parts")

    def __init__(self, number: int, generation: Generation, at_ms: float, begins: bool) -> None:
        self.number = number
        self.generation = generation
        self.at_ms = at_ms
        self.begins = begins  # of a generation: a discontinuity stands before it
        self.parts: list[Part] = []
        self.done = False
        self.duration_s = 0.0
        self.bytes = 0

    def add(self, part: Part) -> None:
        """One more part at its end."""
        self.parts.append(part)
        self.duration_s += part.duration / VIDEO_SCALE
        self.bytes += len(part.data)


class Window:
    """Invariant: at most SEGMENTS whole segments and one open one, and no more than WINDOW_BYTES beside the
    open one."""

    def __init__(self, take: str, first: int) -> None:
        """`take` names this life of the picture in addresses; `first` is the number of its first segment."""
        self.take = take
        self.segments: deque[Segment] = deque()
        self.bytes = 0
        self._next = first
        self._discontinuities = 0  # small: players keep an array of that length
        self._generation: Generation | None = None
        self._fresh = False
        self._shown: bytes | None = None

    def begin(self, generation: Generation) -> None:
        """What comes from now on is of that generation."""
        self.finish()
        self._generation = generation
        self._fresh = True

    def move(self, generation: Generation) -> None:
        """The one begun last, with its clock set right: it holds from the next segment on."""
        self._generation = generation

    @property
    def begun(self) -> Generation | None:
        """The one begun last, also before its first part."""
        return self._generation

    def add(self, part: Part) -> None:
        """One more part of the generation begun last."""
        generation = self._generation
        if generation is None:
            return
        opened = self.segments[-1] if self.segments else None
        if opened is None or opened.done or part.opens or len(opened.parts) >= PARTS_KEPT:
            self.finish()
            at_ms = generation.base_ms + part.at * 1000 / VIDEO_SCALE
            opened = Segment(self._next, generation, at_ms, self._fresh and bool(self.segments))
            self._next += 1
            self._fresh = False
            self.segments.append(opened)
        opened.add(part)
        self.bytes += len(part.data)
        self._forget()
        self._shown = None

    def finish(self) -> None:
        """The open segment is whole."""
        if self.segments and not self.segments[-1].done:
            self.segments[-1].done = True
            self._shown = None

    def _forget(self) -> None:
        while len(self.segments) > SEGMENTS + 1 or (len(self.segments) > 2 and self.bytes > WINDOW_BYTES):
            gone = self.segments.popleft()
            self.bytes -= gone.bytes
            # A discontinuity leaves the list together with the segment it stands before.
            self._discontinuities += gone.begins

    # ---- what is asked for ----

    def has(self, number: int, part: int | None) -> bool:
        """Whether the playlist holds that segment whole, or that part of it, or anything later (6.2.5.2)."""
        if not self.segments:
            return False
        last = self.segments[-1]
        if number != last.number:
            return number < last.number
        return last.done or (part is not None and part < len(last.parts))

    def segment(self, number: int) -> bytes | None:
        """A whole segment."""
        found = self._find(number)
        return b"".join(part.data for part in found.parts) if found is not None and found.done else None

    def part(self, number: int, index: int) -> bytes | None:
        """One part."""
        found = self._find(number)
        return found.parts[index].data if found is not None and 0 <= index < len(found.parts) else None

    @property
    def has_sound(self) -> bool:
        """Whether what comes now has a track of sound, or nothing has come yet."""
        return self._generation is None or bool(self._generation.sound)

    def sound(self, number: int) -> bytes | None:
        """The sound of a whole segment; None where it has none."""
        found = self._find(number)
        whole = b"".join(part.sound for part in found.parts) if found is not None and found.done else b""
        return whole or None

    def generation(self, number: int) -> Generation | None:
        """A generation that is in the window."""
        if self._generation is not None and self._generation.number == number:
            return self._generation
        return next((s.generation for s in self.segments if s.generation.number == number), None)

    def _find(self, number: int) -> Segment | None:
        index = number - self.segments[0].number if self.segments else -1
        return self.segments[index] if 0 <= index < len(self.segments) else None

    def playlist(self) -> bytes:
        """The playlist as of now; the same object until something changes."""
        if self._shown is None:
            self._shown = "\n".join(self._lines()).encode() + b"\n"
        return self._shown

    def sound_playlist(self) -> bytes:
        """The same with the sound alone, in whole segments: few requests, for whoever has a poor line."""
        lines = self._head("#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,HOLD-BACK=12")
        generation = -1
        for segment in self.segments:
            if not segment.done:
                continue
            if segment.begins:
                lines.append("#EXT-X-DISCONTINUITY")
            if segment.generation.number != generation:
                generation = segment.generation.number
                lines.append(f'#EXT-X-MAP:URI="{self.take}/h{generation}.mp4"')
            lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{utc(segment.at_ms)}")
            if not any(part.sound for part in segment.parts):
                lines.append("#EXT-X-GAP")
            lines += [f"#EXTINF:{segment.duration_s:.5f},", f"{self.take}/a{segment.number}.m4s"]
        return "\n".join(lines).encode() + b"\n"

    def _head(self, *control: str) -> list[str]:
        return [
            "#EXTM3U",
            "#EXT-X-VERSION:9",
            f"#EXT-X-TARGETDURATION:{TARGET_S}",
            *control,
            f"#EXT-X-MEDIA-SEQUENCE:{self.segments[0].number if self.segments else self._next}",
            f"#EXT-X-DISCONTINUITY-SEQUENCE:{self._discontinuities}",
        ]

    def _lines(self) -> list[str]:
        lines = self._head(
            f"#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK={HOLD_BACK_S}",
            f"#EXT-X-PART-INF:PART-TARGET={PART_S}",
        )
        generation = -1
        for index, segment in enumerate(self.segments):
            if segment.begins:
                lines.append("#EXT-X-DISCONTINUITY")
            if segment.generation.number != generation:
                generation = segment.generation.number
                lines.append(f'#EXT-X-MAP:URI="{self.take}/i{generation}.mp4"')
            lines += self._segment_lines(segment, len(self.segments) - index <= SEGMENTS_WITH_PARTS + 1)
        number, part = self._coming()
        lines.append(f'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="{self.take}/p{number}.{part}.m4s"')
        return lines

    def _segment_lines(self, segment: Segment, with_parts: bool) -> list[str]:
        lines = [f"#EXT-X-PROGRAM-DATE-TIME:{utc(segment.at_ms)}"]
        if with_parts:
            for index, part in enumerate(segment.parts):
                key = ",INDEPENDENT=YES" if part.independent else ""
                uri = f"{self.take}/p{segment.number}.{index}.m4s"
                lines.append(f'#EXT-X-PART:DURATION={part.duration / VIDEO_SCALE:.5f},URI="{uri}"{key}')
        if segment.done:
            lines += [f"#EXTINF:{segment.duration_s:.5f},", f"{self.take}/s{segment.number}.m4s"]
        return lines

    def _coming(self) -> tuple[int, int]:
        if self.segments and not self.segments[-1].done:
            return self.segments[-1].number, len(self.segments[-1].parts)
        return self._next, 0


def utc(at_ms: float) -> str:
    """A moment as `EXT-X-PROGRAM-DATE-TIME` has it."""
    # Rounded to a millisecond, which is what the format shows.
    return datetime.fromtimestamp(round(at_ms) / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
