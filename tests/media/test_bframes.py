"""Frames that are shown later than they are decoded, as encoders send them: in parts, in clips, taken apart again."""

import io
from pathlib import Path

from server.media.box import inside
from server.media.boxes import AUDIO, VIDEO, AudioFormat, Sample, VideoFormat, fragment, header
from server.media.fragments import samples_of, sound_of, tracks_in
from server.media.progressive import write_clip
from server.media.unpacked import Formats, formats_of, frames_of
from tests.media.recordings import need_av

TICKS = 3_600
AVCC = bytes.fromhex("0142c01effe1000967") + bytes(8) + bytes.fromhex("01000168")


def film() -> tuple[bytes, bytes]:
    """A header and one part: I P B B."""
    video = [
        Sample(90_000 + index * TICKS, TICKS, index == 0, bytes([index]) * 10, shift)
        for index, shift in enumerate((TICKS, 4 * TICKS, TICKS, TICKS))
    ]
    audio = [Sample(48_000 + index * 1024, 1024, True, b"s" * 5) for index in range(7)]
    about = header(VideoFormat(width=320, height=180, avcc=AVCC), AudioFormat(channels=1, config=b"\x11\x88"))
    return about, fragment(1, video, audio)


def test_shifts_stand_in_the_part_and_come_out_again() -> None:
    about, part = film()
    shown = frames_of(part)
    assert [round(one.shift_ms) for one in shown if one.track == VIDEO] == [40, 160, 40, 40]
    assert [one.data for one in shown if one.track == VIDEO] == [bytes([index]) * 10 for index in range(4)]
    assert [one.at_ms for one in shown] == sorted(one.at_ms for one in shown)
    assert sum(one.track == AUDIO for one in shown) == 7
    assert formats_of(about) == Formats(AVCC, b"\x11\x88")
    assert samples_of(part, AUDIO) == [b"s" * 5] * 7
    assert samples_of(sound_of(part), AUDIO) == [b"s" * 5] * 7


def test_without_shifts_a_part_has_no_room_for_them() -> None:
    plain = fragment(1, [Sample(0, TICKS, True, b"x")], [])
    assert len(plain) == len(fragment(1, [Sample(0, TICKS, True, b"x", TICKS)], [])) - 4
    assert tracks_in(inside(plain, b"moof"))[0][3] == [(TICKS, 1, 0x02000000, 0)]


def test_a_clip_shows_frames_in_their_order(tmp_path: Path) -> None:
    av = need_av()
    about, part = film()
    out = io.BytesIO()
    write_clip(io.BytesIO(about + part), len(about), len(about), len(about + part), out)
    with av.open(io.BytesIO(out.getvalue())) as container:
        packets = [p for p in container.demux(video=0) if p.size]
    first = packets[0].dts
    assert [(p.pts - p.dts) * p.time_base for p in packets] == [
        shift * TICKS * packets[0].time_base / (90_000 * packets[0].time_base) for shift in (1, 4, 1, 1)
    ]
    assert [round((p.dts - first) * p.time_base * 25) for p in packets] == [0, 1, 2, 3]
