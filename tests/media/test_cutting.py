"""Frames into parts and segments."""

import itertools

from server.media.boxes import AUDIO_SCALE, VIDEO_SCALE, Sample
from server.media.cutting import PART_S, Cutter, Part

FRAME = VIDEO_SCALE // 25


def film(cutter: Cutter, frames: int, keys: set[int], first: int = 0) -> list[Part]:
    parts = []
    for index in range(first, first + frames):
        parts += cutter.video(Sample(index * FRAME, 0, index in keys, b"x" * 10))
    return parts


def test_parts_are_a_third_of_a_second_and_follow_each_other():
    parts = film(Cutter(), 200, set(range(0, 200, 50)))
    assert all(part.duration / VIDEO_SCALE <= PART_S for part in parts)
    assert all(one.at + one.duration == other.at for one, other in itertools.pairwise(parts))
    assert [part.at // FRAME for part in parts if part.opens] == [0, 50, 100, 150]
    assert all(part.independent for part in parts if part.opens)


def test_nothing_is_shown_before_the_first_key_frame():
    parts = film(Cutter(), 100, {30, 80})
    assert parts[0].at == 30 * FRAME
    assert parts[0].independent


def test_a_segment_ends_though_no_key_frame_comes():
    parts = film(Cutter(), 250, {0})
    opened = [part.at for part in parts if part.opens]
    assert len(opened) >= 2
    assert opened[1] <= 4 * VIDEO_SCALE


def test_the_last_frames_come_out_at_the_end():
    cutter = Cutter()
    shown = film(cutter, 30, {0}) + cutter.end()
    assert sum(part.duration for part in shown) == 30 * FRAME
    assert cutter.end() == []


def test_sound_goes_with_its_picture_and_a_hole_becomes_a_long_frame():
    cutter = Cutter()
    for at in (0, 1024, 1024 + 9600, 3 * AUDIO_SCALE):
        cutter.audio(Sample(at, 1024, True, b"snd"))
    parts = film(cutter, 60, {0, 50})
    assert b"sndsndsnd" in parts[0].data
    assert all(b"snd" not in part.data for part in parts[1:])
    assert (9600).to_bytes(4, "big") in parts[0].data


def test_sound_without_a_picture_is_not_kept_for_ever():
    cutter = Cutter()
    for index in range(10_000):
        cutter.audio(Sample(index * 1024, 1024, True, b"snd"))
    assert len(cutter._audio) <= 500
