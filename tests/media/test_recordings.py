"""Recording to disk and reading it back."""

import asyncio
import hashlib
import re
from pathlib import Path

import msgspec
import pytest

from server.core.model import SessionId
from server.media import clearing, recordings
from server.media.archive import INDEX, Bounds, Reel, folder_of
from server.media.boxes import VIDEO_SCALE
from server.media.cutting import Part
from server.media.window import Generation, Segment

S01 = SessionId("S01")
BASE_MS = 1_790_000_000_000


def segment(number: int, generation: int = 1, at_ms: int = 0, data: bytes = b"") -> Segment:
    made = Segment(
        number, Generation(number=generation, header=b"HEAD%d" % generation, base_ms=0), BASE_MS + at_ms, False
    )
    made.add(Part(at=0, duration=2 * VIDEO_SCALE, independent=True, opens=True, data=data or b"segment %d;" % number))
    made.done = True
    return made


NO_BOUNDS = Bounds(low_water_bytes=0, room_bytes=2**40)


async def record(root: Path, *segments: Segment, take: str = "1", bounds: Bounds = NO_BOUNDS) -> None:
    reel = Reel(root, S01, take, bounds)
    for one in segments:
        reel.put(one)
        await asyncio.sleep(0)
    await reel.close()


async def test_a_file_for_each_generation_that_only_grows(tmp_path: Path) -> None:
    await record(tmp_path, segment(1), segment(2, at_ms=2000), segment(3, 2, at_ms=9000))
    assert (tmp_path / "S01/1/g1.mp4").read_bytes() == b"HEAD1segment 1;segment 2;"
    assert (tmp_path / "S01/1/g2.mp4").read_bytes() == b"HEAD2segment 3;"
    first, second = recordings.read(tmp_path, S01)
    assert (first.file, first.header_bytes, len(first.pieces)) == ("1/g1.mp4", 5, 2)
    assert (second.file, second.pieces[0].at_ms) == ("1/g2.mp4", BASE_MS + 9000)
    film = (tmp_path / "S01/1/g1.mp4").read_bytes()
    assert [film[p.start : p.start + p.bytes] for p in first.pieces] == [b"segment 1;", b"segment 2;"]


async def test_the_playlist_names_ranges_and_headers(tmp_path: Path) -> None:
    await record(tmp_path, segment(1), segment(2, at_ms=2000), segment(3, 2, at_ms=9000))
    text = recordings.playlist(recordings.read(tmp_path, S01)).decode()
    assert text.count("#EXT-X-DISCONTINUITY\n") == 1
    assert '#EXT-X-MAP:URI="1/g2.mp4",BYTERANGE="5@0"\n' in text
    assert re.findall(r"BYTERANGE:(\S+)\n(\S+)", text) == [
        ("10@5", "1/g1.mp4"),
        ("10@15", "1/g1.mp4"),
        ("10@5", "1/g2.mp4"),
    ]
    assert text.endswith("#EXT-X-ENDLIST\n")


async def test_a_clip_is_what_touches_its_time(tmp_path: Path) -> None:
    await record(tmp_path, *(segment(n, at_ms=2000 * n) for n in range(10)))
    (cut,) = recordings.between(recordings.read(tmp_path, S01), BASE_MS + 5_000, BASE_MS + 9_000)
    assert [piece.at_ms - BASE_MS for piece in cut.pieces] == [4_000, 6_000, 8_000]
    assert recordings.between(recordings.read(tmp_path, S01), BASE_MS + 90_000, BASE_MS + 99_000) == ()


async def test_a_moment_is_a_second_of_the_replay(tmp_path: Path) -> None:
    await record(tmp_path, segment(1), segment(2, at_ms=2000), segment(3, 2, at_ms=9000))
    films = recordings.read(tmp_path, S01)
    seconds = [recordings.second_of(films, BASE_MS + at_ms) for at_ms in (-500, 0, 3_000, 6_000, 10_000, 99_000)]
    assert seconds == [0, 0, 3.0, 4.0, 5.0, 6.0]


async def test_a_line_cut_off_by_a_crash_ends_the_index(tmp_path: Path) -> None:
    await record(tmp_path, segment(1), segment(2, at_ms=2000))
    index = tmp_path / "S01/1" / INDEX
    index.write_bytes(index.read_bytes()[:-9])
    (film,) = recordings.read(tmp_path, S01)
    assert len(film.pieces) == 1
    assert recordings.read(tmp_path, SessionId("S02")) == ()


async def test_a_full_disk_is_a_gap_and_nothing_else(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    reel = Reel(tmp_path, S01, "1", Bounds(low_water_bytes=2**60))
    reel.put(segment(1))
    reel.put(segment(2, at_ms=2000))
    await asyncio.sleep(0.05)
    assert reel.trouble == "disk"
    reel.bounds = NO_BOUNDS
    reel.put(segment(3, at_ms=4000))
    await reel.close()
    assert reel.trouble == ""
    (film,) = recordings.read(tmp_path, S01)
    assert [piece.at_ms - BASE_MS for piece in film.pieces] == [4000]
    (gap,) = recordings.read_gaps(tmp_path, S01)
    assert (gap.gap_from_ms - BASE_MS, gap.gap_to_ms - BASE_MS, gap.why) == (0, 4000, "disk")
    assert [record.message for record in caplog.records] == [
        "recording of S01 has a gap: too little space is left",
        "recording of S01 goes on",
    ]


async def test_a_disk_that_takes_no_byte_leaves_files_as_they_were(tmp_path: Path) -> None:
    """The kernel's own ENOSPC, in the middle of a recording."""
    await record(tmp_path, segment(1), take="1")
    before = (tmp_path / "S01/1" / INDEX).read_bytes()
    (tmp_path / "S01/1/g2.mp4").symlink_to("/dev/full")
    reel = Reel(tmp_path, S01, "1", NO_BOUNDS)
    reel.put(segment(2, 2, at_ms=2000))
    await asyncio.sleep(0.05)
    assert reel.trouble == "disk"
    assert (tmp_path / "S01/1" / INDEX).read_bytes() == before
    reel.put(segment(3, at_ms=4000))
    await reel.close()
    (film,) = recordings.read(tmp_path, S01)
    assert [piece.at_ms - BASE_MS for piece in film.pieces] == [0, 4000]
    (hole,) = recordings.holes((film,), recordings.read_gaps(tmp_path, S01))
    assert (hole.from_ms - BASE_MS, hole.to_ms - BASE_MS, hole.second, hole.why) == (2000, 4000, 2.0, "disk")
    text = recordings.playlist((film,)).decode()
    assert text.count("#EXT-X-DISCONTINUITY\n") == 1, "a player would wait in the hole"


async def test_a_room_that_used_up_its_space_is_not_recorded_on(tmp_path: Path) -> None:
    quota = Bounds(low_water_bytes=0, room_bytes=400)
    await record(tmp_path, *(segment(n, at_ms=2000 * n, data=b"x" * 100) for n in range(9)), bounds=quota)
    (film,) = recordings.read(tmp_path, S01)
    assert len(film.pieces) == 3
    (hole,) = recordings.holes((film,), recordings.read_gaps(tmp_path, S01))
    assert (hole.to_ms - BASE_MS, hole.why) == (18_000, "quota")
    await record(tmp_path, segment(9, at_ms=30_000, data=b"x" * 400), take="2", bounds=quota)
    assert len(recordings.read(tmp_path, S01)) == 1, "the earlier take counts too"


async def test_a_host_that_was_away_leaves_a_hole_too(tmp_path: Path) -> None:
    await record(tmp_path, segment(1), segment(2, 2, at_ms=60_000))
    (hole,) = recordings.holes(recordings.read(tmp_path, S01), ())
    assert (hole.from_ms - BASE_MS, hole.to_ms - BASE_MS, hole.second, hole.why) == (2000, 60_000, 2.0, "away")


async def test_a_clip_begins_with_a_key_frame_and_has_no_hole(tmp_path: Path) -> None:
    segments = [segment(n, at_ms=2000 * n) for n in range(8)]
    first = segments[3].parts[0]
    segments[3].parts[0] = msgspec.structs.replace(first, independent=False)
    del segments[6]
    await record(tmp_path, *segments)
    films = recordings.between(recordings.read(tmp_path, S01), BASE_MS + 7_000, BASE_MS + 15_000)
    assert [piece.at_ms - BASE_MS for piece in films[0].pieces] == [4_000, 6_000, 8_000, 10_000, 14_000]
    stretch = recordings.longest(films)
    assert stretch is not None
    assert [piece.at_ms - BASE_MS for piece in stretch.pieces] == [4_000, 6_000, 8_000, 10_000]


async def test_what_a_crash_left_half_is_cut_off(tmp_path: Path) -> None:
    await record(tmp_path, segment(1), segment(2, at_ms=2000))
    take = tmp_path / "S01/1"
    whole = (take / "g1.mp4").read_bytes()
    (take / "g1.mp4").write_bytes(whole + b"half a segm")
    (take / INDEX).write_bytes((take / INDEX).read_bytes() + b'{"generation":1,"at_')
    (take / "g2.mp4").write_bytes(b"HEAD2")
    clearing.sweep(tmp_path)
    assert (take / "g1.mp4").read_bytes() == whole
    assert (take / "g2.mp4").read_bytes() == b""
    assert (take / INDEX).read_bytes().count(b"\n") == 2
    assert len(recordings.read(tmp_path, S01)[0].pieces) == 2


async def test_a_recording_that_still_grows_is_left_alone(tmp_path: Path) -> None:
    reel = Reel(tmp_path, S01, "1", NO_BOUNDS)
    reel.put(segment(1))
    await asyncio.sleep(0.05)
    film = tmp_path / "S01/1/g1.mp4"
    film.write_bytes(film.read_bytes() + b"under way")
    clearing.sweep(tmp_path)
    assert film.read_bytes().endswith(b"under way")
    assert list(clearing.takes(tmp_path)) == []
    await reel.close()
    assert [take.session for take in clearing.takes(tmp_path)] == ["S01"]


async def test_what_is_deleted_is_proved_by_the_digest_of_its_digests(tmp_path: Path) -> None:
    await record(tmp_path, segment(1), segment(2, 2, at_ms=9_000))
    (take,) = clearing.takes(tmp_path)
    index = (tmp_path / "S01/1" / INDEX).read_bytes()
    assert hashlib.sha256(b"segment 1;").hexdigest().encode() in index
    assert (take.generations, take.from_ms - BASE_MS, take.to_ms - BASE_MS) == ((1, 2), 0, 11_000)
    sha256 = clearing.digest_of(take)
    assert sha256 == hashlib.sha256(index).hexdigest()
    clearing.delete(tmp_path, take, sha256, 77)
    assert not (tmp_path / "S01").exists()
    proof = (tmp_path / clearing.DELETED).read_bytes()
    assert sha256.encode() in proof
    assert b'"deleted_at_ms":77' in proof


@pytest.mark.parametrize("name", ["..", "a/b", ".", "场次", "a" * 65])
def test_a_session_never_names_another_directory(name: str) -> None:
    assert re.fullmatch(r"x[0-9a-f]+", folder_of(SessionId(name)))
