"""Bodies of RTMP's audio and video messages (FLV 10.1, E.4.2 and E.4.3): H.264 and AAC, in and out."""

from typing import Final

import msgspec

from server.media.bad_media import BadMedia
from server.media.boxes import AUDIO_SCALE

_AVC: Final = 7
_AAC: Final = 10
_RATES: Final = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
_LOW_COMPLEXITY: Final = 2


class VideoBody(msgspec.Struct, frozen=True):
    """A frame with lengths before its units, or (`config`) the avcC record. `shift_ms`: shown so much after it is
    decoded."""

    config: bool
    shift_ms: int
    data: bytes


class AudioBody(msgspec.Struct, frozen=True):
    """An AAC frame, or (`config`) the AudioSpecificConfig."""

    config: bool
    data: bytes


def video_of(body: bytes) -> VideoBody | None:
    """None for what carries no picture. Raises `BadMedia`."""
    if not body:
        return None
    if body[0] & 0x80 or body[0] & 0x0F != _AVC:
        raise BadMedia("codec", "not H.264")
    if body[0] >> 4 == 5 or len(body) < 5 or body[1] > 1:
        return None  # a command of the player's, or the end of the sequence
    shift = int.from_bytes(body[2:5], "big", signed=True)
    if not 0 <= shift <= 2_000:
        raise BadMedia("clock")
    return VideoBody(body[1] == 0, shift, body[5:]) if len(body) > 5 else None


def audio_of(body: bytes) -> AudioBody | None:
    """None for what carries no sound. Raises `BadMedia`."""
    if len(body) < 3:
        return None
    if body[0] >> 4 != _AAC:
        raise BadMedia("codec", "not AAC")
    return AudioBody(body[1] == 0, body[2:])


class AacConfig(msgspec.Struct, frozen=True):
    """What an AudioSpecificConfig says (ISO/IEC 14496-3, 1.6.2.1)."""

    kind: int
    rate: int
    channels: int

    def fits(self) -> bool:
        """Whether frames of it may be copied: plain AAC, 48 kHz, one or two channels."""
        return self.kind == _LOW_COMPLEXITY and self.rate == AUDIO_SCALE and self.channels in (1, 2)


def aac_config(data: bytes) -> AacConfig:
    """Raises `BadMedia`."""
    if not 2 <= len(data) <= 64:
        raise BadMedia("codec", "no AAC config")
    bits = int.from_bytes(data[:2], "big")
    kind, index, channels = bits >> 11, bits >> 7 & 15, bits >> 3 & 15
    if kind in (0, 31) or index >= len(_RATES):
        raise BadMedia("codec", "a strange AAC")
    return AacConfig(kind, _RATES[index], channels)


def video_body(data: bytes, *, key: bool, config: bool = False, shift_ms: int = 0) -> bytes:
    """The other way."""
    head = bytes(((1 if key else 2) << 4 | _AVC, 0 if config else 1))
    return head + max(0, shift_ms).to_bytes(3, "big") + data


def audio_body(data: bytes, *, config: bool = False) -> bytes:
    """The other way. 0xAF: AAC; rate and channels in it are the same for all AAC."""
    return bytes((_AAC << 4 | 0x0F, 0 if config else 1)) + data
