"""The boxes of fragmented MP4 (ISO/IEC 14496-12): a header for each generation, then fragments of a third of a second.

Written by hand: libav's muxer gives wrong decode times when it must cut inside a group of pictures with two tracks.
"""

import struct
from collections.abc import Sequence
from typing import Final

import msgspec

from server.media.box import box, full_box

VIDEO: Final = 1
AUDIO: Final = 2
VIDEO_SCALE: Final = 90_000
AUDIO_SCALE: Final = 48_000
SCALE: Final = {VIDEO: VIDEO_SCALE, AUDIO: AUDIO_SCALE}
_KEY: Final = 0x02000000
_NOT_KEY: Final = 0x01010000
UPRIGHT: Final = (1, 0, 0, 1)


def _matrix(turned: tuple[int, ...] = UPRIGHT) -> bytes:
    a, b, c, d = (0x10000 * one for one in turned)
    return struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 0x40000000)


class Sample(msgspec.Struct, frozen=True):
    """One frame. `at` is its decode time in the ticks of its track's scale, since the session's picture began; it is
    shown `shift` ticks later (B-frames)."""

    at: int
    duration: int
    key: bool
    data: bytes
    shift: int = 0


class VideoFormat(msgspec.Struct, frozen=True, kw_only=True):
    """What the header says of the picture. `matrix`: how it is turned, by right angles (a phone held upright)."""

    width: int
    height: int
    avcc: bytes
    matrix: tuple[int, ...] = UPRIGHT


class AudioFormat(msgspec.Struct, frozen=True, kw_only=True):
    """What the header says of the sound: AAC, 48 kHz. `config`: the AudioSpecificConfig."""

    channels: int
    config: bytes


# ---- the header ----


def header(video: VideoFormat, audio: AudioFormat | None) -> bytes:
    """ftyp and moov: what a player needs before any fragment."""
    tracks = [_track(VIDEO, _avc1(video), video)]
    extends = [_trex(VIDEO)]
    if audio is not None:
        tracks.append(_track(AUDIO, _mp4a(audio), None))
        extends.append(_trex(AUDIO))
    mvhd = struct.pack(">IIII", 0, 0, 1000, 0) + struct.pack(">IHHII", 0x10000, 0x0100, 0, 0, 0)
    mvhd += _matrix() + bytes(24) + struct.pack(">I", 3)
    return box(b"ftyp", b"iso5", struct.pack(">I", 512), b"iso5iso6mp41") + box(
        b"moov", full_box(b"mvhd", 0, 0, mvhd), *tracks, box(b"mvex", *extends)
    )


def codecs_of(header: bytes) -> str:
    """The codecs of a header this house wrote, as RFC 6381 has them: what MSE asks for."""
    at = header.find(b"avcC")
    video = "avc1." + header[at + 5 : at + 8].hex().upper() if at >= 0 else ""
    audio = "mp4a.40.2" if b"mp4a" in header[at:] else ""
    return ",".join(one for one in (video, audio) if one)


def _trex(track: int) -> bytes:
    return full_box(b"trex", 0, 0, struct.pack(">IIIII", track, 1, 0, 0, 0))


def _track(track: int, entry: bytes, video: VideoFormat | None) -> bytes:
    is_video = video is not None
    width, height = (video.width, video.height) if video is not None else (0, 0)
    tkhd = struct.pack(">IIIII", 0, 0, track, 0, 0) + bytes(8)
    tkhd += struct.pack(">HHHH", 0, 0, 0 if is_video else 0x0100, 0)
    tkhd += _matrix(video.matrix if video is not None else UPRIGHT)
    tkhd += struct.pack(">II", width << 16, height << 16)
    mdhd = struct.pack(">IIIIHH", 0, 0, SCALE[track], 0, 0x55C4, 0)
    hdlr = struct.pack(">I4s", 0, b"vide" if is_video else b"soun") + bytes(12) + b"daigang\0"
    media = full_box(b"vmhd", 0, 1, bytes(8)) if is_video else full_box(b"smhd", 0, 0, bytes(4))
    dinf = box(b"dinf", full_box(b"dref", 0, 0, struct.pack(">I", 1), full_box(b"url ", 0, 1)))
    none = struct.pack(">I", 0)
    table = box(
        b"stbl",
        full_box(b"stsd", 0, 0, struct.pack(">I", 1), entry),
        full_box(b"stts", 0, 0, none),
        full_box(b"stsc", 0, 0, none),
        full_box(b"stsz", 0, 0, none, none),
        full_box(b"stco", 0, 0, none),
    )
    inner = box(
        b"mdia",
        full_box(b"mdhd", 0, 0, mdhd),
        full_box(b"hdlr", 0, 0, hdlr),
        box(b"minf", media, dinf, table),
    )
    return box(b"trak", full_box(b"tkhd", 0, 3, tkhd), inner)


def _avc1(video: VideoFormat) -> bytes:
    entry = bytes(6) + struct.pack(">H", 1) + bytes(16)
    entry += struct.pack(">HHIIIH", video.width, video.height, 0x480000, 0x480000, 0, 1)
    entry += bytes(32) + struct.pack(">Hh", 24, -1)
    return box(b"avc1", entry, box(b"avcC", video.avcc))


def _mp4a(audio: AudioFormat) -> bytes:
    entry = bytes(6) + struct.pack(">H", 1) + bytes(8)
    entry += struct.pack(">HHHHI", audio.channels, 16, 0, 0, AUDIO_SCALE << 16)
    specific = _descriptor(5, audio.config)
    decoder = _descriptor(4, struct.pack(">BB3sII", 0x40, 0x15, bytes(3), 0, 0), specific)
    stream = _descriptor(3, struct.pack(">HB", AUDIO, 0), decoder, _descriptor(6, b"\x02"))
    return box(b"mp4a", entry, full_box(b"esds", 0, 0, stream))


def _descriptor(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    assert len(body) < 128
    return struct.pack(">BB", tag, len(body)) + body


# ---- fragments ----


def fragment(sequence: int, video: Sequence[Sample], audio: Sequence[Sample]) -> bytes:
    """moof and mdat of some frames. Samples of a track follow each other; each lasts until the next begins."""
    tracks = [(track, samples) for track, samples in ((VIDEO, video), (AUDIO, audio)) if samples]
    sizes = [sum(len(sample.data) for sample in samples) for _, samples in tracks]
    # The offset of the data is known once the size of moof is: that size does not depend on the offset.
    start = len(_moof(sequence, tracks, [0] * len(tracks))) + 8
    offsets = [start + sum(sizes[:index]) for index in range(len(tracks))]
    payload = (sample.data for _, samples in tracks for sample in samples)
    return _moof(sequence, tracks, offsets) + box(b"mdat", *payload)


def _moof(sequence: int, tracks: Sequence[tuple[int, Sequence[Sample]]], offsets: Sequence[int]) -> bytes:
    pieces = [full_box(b"mfhd", 0, 0, struct.pack(">I", sequence))]
    for (track, samples), offset in zip(tracks, offsets, strict=True):
        shifted = any(sample.shift for sample in samples)
        rows = b"".join(_row(sample, shifted) for sample in samples)
        pieces.append(
            box(
                b"traf",
                full_box(b"tfhd", 0, 0x020000, struct.pack(">I", track)),
                full_box(b"tfdt", 1, 0, struct.pack(">Q", samples[0].at)),
                full_box(b"trun", 0, 0x000F01 if shifted else 0x000701, struct.pack(">Ii", len(samples), offset), rows),
            )
        )
    return box(b"moof", *pieces)


def _row(sample: Sample, shifted: bool) -> bytes:
    row = struct.pack(">III", sample.duration, len(sample.data), _KEY if sample.key else _NOT_KEY)
    return row + struct.pack(">I", sample.shift) if shifted else row
