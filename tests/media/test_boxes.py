"""Boxes of fragmented MP4, read back by their sizes; no PyAV needed."""

import struct

from server.media.boxes import AudioFormat, Sample, VideoFormat, fragment, header


def boxes(data: bytes) -> list[tuple[bytes, bytes]]:
    """Kind and body of each box; sizes must add up exactly."""
    found = []
    while data:
        (size,) = struct.unpack(">I", data[:4])
        assert 8 <= size <= len(data)
        found.append((data[4:8], data[8:size]))
        data = data[size:]
    return found


def inside(data: bytes, *path: bytes) -> bytes:
    """The body of the first box at that path."""
    for kind in path:
        data = next(body for name, body in boxes(data) if name == kind)
    return data


VIDEO = VideoFormat(width=854, height=480, avcc=b"\1\x42\xc0\x1e\xff")
AUDIO = AudioFormat(channels=1, config=b"\x11\x88")


def test_a_header_with_two_tracks():
    data = header(VIDEO, AUDIO)
    assert [kind for kind, _ in boxes(data)] == [b"ftyp", b"moov"]
    kinds = [kind for kind, _ in boxes(inside(data, b"moov"))]
    assert kinds == [b"mvhd", b"trak", b"trak", b"mvex"]
    assert struct.unpack(">II", inside(data, b"moov", b"trak", b"tkhd")[-8:]) == (854 << 16, 480 << 16)
    assert VIDEO.avcc in data
    assert AUDIO.config in data


def test_a_header_without_sound():
    assert [kind for kind, _ in boxes(inside(header(VIDEO, None), b"moov"))] == [b"mvhd", b"trak", b"mvex"]


def test_a_fragment_says_where_its_bytes_are():
    video = [Sample(9000, 3600, True, b"KEY!"), Sample(12600, 3600, False, b"next")]
    audio = [Sample(4800, 1024, True, b"sound")]
    data = fragment(7, video, audio)
    assert [kind for kind, _ in boxes(data)] == [b"moof", b"mdat"]
    assert inside(data, b"moof", b"mfhd")[-4:] == struct.pack(">I", 7)
    trafs = [body for kind, body in boxes(inside(data, b"moof")) if kind == b"traf"]
    for traf, samples in zip(trafs, (video, audio), strict=True):
        assert struct.unpack(">Q", inside(traf, b"tfdt")[4:]) == (samples[0].at,)
        run = inside(traf, b"trun")
        count, offset = struct.unpack(">Ii", run[4:12])
        assert count == len(samples)
        for index, sample in enumerate(samples):
            duration, size, flags = struct.unpack(">III", run[12 + 12 * index : 24 + 12 * index])
            assert (duration, size) == (sample.duration, len(sample.data))
            assert (flags == 0x02000000) == sample.key
            assert data[offset : offset + size] == sample.data
            offset += size
