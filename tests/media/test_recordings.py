"""Recording to disk and reading it back."""

import asyncio
import re
from pathlib import Path

import pytest

from server.core.model import SessionId
from server.media import recordings
from server.media.archive import INDEX, Reel, folder_of
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


async def record(root: Path, *segments: Segment, take: str = "1", low_water_bytes: int = 0) -> None:
    reel = Reel(root, S01, take, low_water_bytes)
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
    reel = Reel(tmp_path, S01, "1", low_water_bytes=2**60)
    reel.put(segment(1))
    await asyncio.sleep(0.05)
    reel._low_water = 0
    reel.put(segment(2, at_ms=2000))
    await reel.close()
    (film,) = recordings.read(tmp_path, S01)
    assert [piece.at_ms - BASE_MS for piece in film.pieces] == [2000]
    assert [record.message for record in caplog.records] == [
        "recording of S01 has a gap: too little space is left",
        "recording of S01 goes on",
    ]


async def test_what_is_too_old_is_deleted_and_the_proof_kept(tmp_path: Path) -> None:
    await record(tmp_path, segment(1), take="1")
    await record(tmp_path, segment(2, at_ms=9_000_000), take="2")
    gone = recordings.prune(tmp_path, BASE_MS + 5_000_000, 77)
    assert [(one.session, one.take, one.deleted_at_ms) for one in gone] == [("S01", "1", 77)]
    assert not (tmp_path / "S01/1").exists()
    assert len(recordings.read(tmp_path, S01)) == 1
    assert b'"take":"1"' in (tmp_path / recordings.DELETED).read_bytes()
    assert recordings.prune(tmp_path, BASE_MS, 78) == ()


@pytest.mark.parametrize("name", ["..", "a/b", ".", "场次", "a" * 65])
def test_a_session_never_names_another_directory(name: str) -> None:
    assert re.fullmatch(r"x[0-9a-f]+", folder_of(SessionId(name)))
