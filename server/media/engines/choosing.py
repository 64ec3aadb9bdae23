"""The engine the configuration names."""

import ipaddress
from typing import Final
from urllib.parse import urlsplit

from server.config import ConfigError, VideoSection
from server.media.engines.cdn import STYLES, Cdn, CdnKeys
from server.media.engines.embedded import Embedded
from server.media.engines.engine import Engine
from server.media.engines.mediamtx import MediaMtx
from server.media.engines.nginx_rtmp import NginxRtmp
from server.media.engines.srs import Srs
from server.media.rtmp.address import Network

_SERVERS: Final[dict[str, type[NginxRtmp | MediaMtx | Srs]]] = {
    "nginx_rtmp": NginxRtmp,
    "mediamtx": MediaMtx,
    "srs": Srs,
}


def engine_of(video: VideoSection, origin: str, cdn_keys: str) -> Engine:
    """`origin`: the public address of the house; encoders send to the same host unless it is said otherwise.
    `cdn_keys`: STYLE:PUSH:PLAY. Raises `ConfigError`."""
    public_url = (video.publish_url or f"rtmp://{urlsplit(origin).hostname or '127.0.0.1'}/live").rstrip("/")
    if video.engine == "embedded":
        return Embedded()
    if video.engine == "cdn":
        style, _, keys = cdn_keys.partition(":")
        push, _, play = keys.partition(":")
        if style not in STYLES or not push or not play:
            raise ConfigError("DAIGANG_CDN_KEYS: wants STYLE:PUSH:PLAY, STYLE being " + " or ".join(STYLES))
        return Cdn(public_url, video.play_url, CdnKeys(style=style, push=push, play=play))
    server = _SERVERS[video.engine]
    return server(public_url, video.source_url.rstrip("/"), video.control_url.rstrip("/"), video.play_url)


def networks(written: tuple[str, ...]) -> tuple[Network, ...]:
    """Networks as the configuration writes them, which was checked."""
    return tuple(ipaddress.ip_network(each) for each in written)
