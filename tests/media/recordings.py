"""Recordings as a browser's MediaRecorder makes them, generated with PyAV. Tests that use it need the extra `video`."""

import importlib.util
import io
import math
import os
import shutil
import struct
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

from tests.services import left_out


def need_av() -> Any:
    """PyAV, or the test is left out."""
    if importlib.util.find_spec("av") is None:
        left_out("PyAV is not installed (the extra `video`).")
    return importlib.import_module("av")


LIVE_WEBM = ("matroska", {"live": "1", "cluster_time_limit": "200"})
FRAGMENTED_MP4 = ("mp4", {"movflags": "frag_keyframe+empty_moov+default_base_moof"})


def recording(
    seconds: float = 4.0,
    *,
    size: tuple[int, int] = (320, 180),
    fps: int = 25,
    gop: int = 50,
    sound: bool = True,
    codec: str = "libx264",
    noise: bool = False,
    scene: str = "colours",
    tone: bool = False,
    form: tuple[str, dict[str, str]] = LIVE_WEBM,
    spoken_as: str = "libopus",
    late: int = 0,
) -> bytes:
    """A recording with a picture and, usually, Opus. `noise`: a picture that needs many bits; `scene`: `colours`,
    `black` or `frozen`; `tone`: the sound is a tone, else silence; `late`: B-frames."""
    av = need_av()
    out = io.BytesIO()
    with av.open(out, "w", format=form[0], options=form[1]) as container:
        video = container.add_stream(codec, rate=fps)
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        video.gop_size = gop
        if codec == "libx264":
            keys = f"keyint={gop}:min-keyint={gop}:scenecut=0:bframes={late}"
            plain = {"tune": "zerolatency", "profile": "baseline"}
            video.options = {"preset": "ultrafast", "x264-params": keys, **({} if late else plain)}
        audio = container.add_stream(spoken_as, rate=48_000, layout="mono") if sound else None
        spoken = 0
        for index in range(round(seconds * fps)):
            shown = {"black": -1, "frozen": 40}.get(scene, index)
            container.mux(video.encode(_picture(av, size, (index, fps), shown, noise)))
            while audio is not None and spoken < (index + 1) * 48_000 // fps:
                count = 960 if spoken_as == "libopus" else 1024
                container.mux(audio.encode(_spoken(av, spoken, tone, count)))
                spoken += count
        for stream in (video, audio):
            if stream is not None:
                container.mux(stream.encode(None))
    return out.getvalue()


def _picture(av: Any, size: tuple[int, int], at: tuple[int, int], shown: int, noise: bool) -> Any:
    """`shown`: which of the colours, -1 for black."""
    frame = av.VideoFrame(*size, "yuv420p")
    for number, plane in enumerate(frame.planes):
        black = 128 if number else 16
        colour = bytes([black if shown < 0 else (shown * 3 + number * 40) % 256])
        plane.update(os.urandom(plane.buffer_size) if noise and number == 0 else colour * plane.buffer_size)
    frame.pts, frame.time_base = at[0], Fraction(1, at[1])
    return frame


def _spoken(av: Any, at: int, tone: bool, samples: int) -> Any:
    """A tone in frames of 960 only."""
    frame = av.AudioFrame("s16" if samples == 960 else "fltp", "mono", samples)
    wave = struct.pack("<48h", *(round(9_000 * math.sin(math.tau * n / 48)) for n in range(48))) * 20  # 1 kHz
    frame.planes[0].update(wave if tone else bytes(frame.planes[0].buffer_size))
    frame.sample_rate, frame.pts, frame.time_base = 48_000, at, Fraction(1, 48_000)
    return frame


def decoded(mp4: bytes) -> tuple[int, int]:
    """How many frames of picture and sound a decoder finds in it."""
    av = need_av()
    pictures = sounds = 0
    with av.open(io.BytesIO(mp4)) as container:
        for packet in container.demux():
            for frame in packet.decode():
                if isinstance(frame, av.VideoFrame):
                    pictures += 1
                else:
                    sounds += 1
    return pictures, sounds


def require_whole(film: Path) -> float:
    """Its length in seconds, after `ffprobe` has read it and `ffmpeg` has decoded all of it without an error."""
    if shutil.which("ffmpeg") is None or shutil.which("ffprobe") is None:
        left_out("ffmpeg is not installed.")
    probe = ("ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", str(film))
    probed = subprocess.run(probe, capture_output=True, text=True, check=False, timeout=60)
    assert (probed.returncode, probed.stderr) == (0, ""), film.name
    decode = ("ffmpeg", "-v", "error", "-xerror", "-nostdin", "-i", str(film), "-f", "null", "-")
    done = subprocess.run(decode, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, ""), film.name
    return float(probed.stdout)
