"""What `daigang check` asks of the media engine: whether it takes streams and takes orders."""

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

from server.config import VideoSection

WITHIN_S = 3.0
HINTS = {
    "nginx_rtmp": "does daigang-rtmp run? journalctl -u daigang-rtmp",
    "mediamtx": "does MediaMTX run, and is its API on (api: yes)?",
    "srs": "does SRS run, and is its http_api on?",
}


def look_at_engine(video: VideoSection) -> Iterator[tuple[bool, str]]:
    """Whether it is well, and a sentence. Nothing for a house without an engine, or with one that is far away."""
    for what, url in (("takes streams", video.source_url), ("takes orders", video.control_url)):
        if video.engine not in HINTS:
            return
        parts = urlsplit(url)
        port = parts.port or {"rtmp": 1935, "http": 80, "https": 443}.get(parts.scheme, 80)
        place = f"{parts.hostname}:{port}"
        try:
            with socket.create_connection((parts.hostname or "", port), timeout=WITHIN_S):
                yield True, f"{video.engine} {what} at {place}"
        except OSError:
            yield False, f"{video.engine}: nobody answers at {place}; {HINTS[video.engine]}"
