"""The window of a picture and its playlist."""

import re

from server.media.boxes import VIDEO_SCALE
from server.media.cutting import Part
from server.media.window import SEGMENTS, WINDOW_BYTES, Generation, Window

BASE_MS = 1_790_000_000_000.0


def part(at_s: float, *, opens: bool = False, size: int = 10) -> Part:
    third = VIDEO_SCALE // 3
    return Part(
        at=round(at_s * VIDEO_SCALE), duration=third, independent=opens, opens=opens, data=b"p" * size, sound=b"a"
    )


def fill(window: Window, seconds: int, first_s: int = 0) -> None:
    for second in range(first_s, first_s + seconds):
        for third in range(3):
            window.add(part(second + third / 3, opens=second % 2 == 0 and third == 0))


def generation(number: int = 1) -> Generation:
    return Generation(number=number, header=b"head%d" % number, base_ms=BASE_MS, sound=b"hear%d" % number)


def header(window: Window, number: int) -> bytes | None:
    found = window.generation(number)
    return None if found is None else found.header


def begun(first: int = 100) -> Window:
    window = Window("take", first)
    window.begin(generation())
    return window


def test_the_playlist_of_a_picture_that_just_began():
    window = begun()
    fill(window, 3)
    text = window.playlist().decode()
    assert text.startswith("#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-TARGETDURATION:4\n")
    assert "#EXT-X-MEDIA-SEQUENCE:100\n" in text
    assert '#EXT-X-MAP:URI="take/i1.mp4"\n' in text
    assert "#EXTINF:2.00000,\ntake/s100.m4s\n" in text
    assert '#EXT-X-PART:DURATION=0.33333,URI="take/p101.0.m4s",INDEPENDENT=YES\n' in text
    assert text.endswith('#EXT-X-PRELOAD-HINT:TYPE=PART,URI="take/p101.3.m4s"\n')
    assert "#EXT-X-DISCONTINUITY\n" not in text


def test_times_are_those_of_the_capture():
    window = begun()
    fill(window, 4)
    stamps = re.findall(r"PROGRAM-DATE-TIME:(\S+)", window.playlist().decode())
    assert stamps == ["2026-09-21T14:13:20.000Z", "2026-09-21T14:13:22.000Z"]


def test_the_window_stays_small_and_numbers_go_on():
    window = begun()
    fill(window, 100)
    assert len(window.segments) == SEGMENTS + 1
    assert f"#EXT-X-MEDIA-SEQUENCE:{100 + 50 - SEGMENTS - 1}\n" in window.playlist().decode()
    assert window.segment(100) is None
    assert window.segment(147) == b"p" * 60
    assert window.bytes == sum(segment.bytes for segment in window.segments)


def test_the_window_stays_small_in_bytes_too():
    window = begun()
    for second in range(20):
        window.add(part(second, opens=second % 2 == 0, size=4 * 1024 * 1024))
    assert window.bytes <= WINDOW_BYTES + 8 * 1024 * 1024
    assert len(window.segments) >= 2


def test_a_new_generation_is_a_discontinuity_with_its_own_header():
    window = begun()
    fill(window, 3)
    window.begin(generation(2))
    fill(window, 4, first_s=4)
    text = window.playlist().decode()
    assert '#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI="take/i2.mp4"\n' in text
    assert "#EXT-X-DISCONTINUITY-SEQUENCE:0\n" in text
    assert header(window, 1) == b"head1"
    assert header(window, 2) == b"head2"
    fill(window, 60, first_s=8)
    text = window.playlist().decode()
    assert "#EXT-X-DISCONTINUITY-SEQUENCE:1\n" in text
    assert "#EXT-X-DISCONTINUITY\n" not in text
    assert window.generation(1) is None


def test_what_can_be_waited_for():
    window = begun()
    assert not window.has(100, 0)
    fill(window, 3)
    assert window.has(100, None)
    assert window.has(101, 2)
    assert not window.has(101, 3)
    assert not window.has(101, None)
    assert not window.has(102, 0)
    window.finish()
    assert window.has(101, None)
    assert window.segment(101) == b"p" * 30
    assert window.playlist().decode().endswith('p102.0.m4s"\n')


def test_the_same_playlist_is_made_once():
    window = begun()
    fill(window, 3)
    assert window.playlist() is window.playlist()


def test_parts_and_files_that_are_not_there():
    window = begun()
    assert window.part(100, 0) is None
    fill(window, 1)
    assert window.part(100, 0) == b"p" * 10
    assert window.part(100, 9) is None
    assert window.part(99, 0) is None
    assert window.segment(100) is None  # not whole yet


def test_the_sound_alone_in_whole_segments():
    window = begun(100)
    fill(window, 7)
    text = window.sound_playlist().decode()
    assert re.findall(r"take/a(\d+)\.m4s", text) == ["100", "101", "102"]
    assert "/s100.m4s" not in text
    assert "PART" not in text
    assert '#EXT-X-MAP:URI="take/h1.mp4"\n' in text
    assert window.sound(100) == b"aaaaaa"
    assert window.sound(103) is None, "it is not whole"
    window.begin(generation(2))
    fill(window, 3, 60)
    text = window.sound_playlist().decode()
    assert '#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI="take/h2.mp4"\n' in text


def test_a_segment_without_sound_is_a_gap():
    window = Window("take", 1)
    window.begin(generation())
    silent = Part(at=0, duration=VIDEO_SCALE, independent=True, opens=True, data=b"p")
    window.add(silent)
    window.finish()
    assert "#EXT-X-GAP\n#EXTINF" in window.sound_playlist().decode()
    assert window.sound(1) is None
