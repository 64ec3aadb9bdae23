"""The engine the configuration names."""

import ipaddress
from urllib.parse import urlsplit

from server.config import VideoSection
from server.media.engines.embedded import Embedded
from server.media.engines.engine import Engine
from server.media.engines.nginx_rtmp import NginxRtmp
from server.media.rtmp.address import Network


def engine_of(video: VideoSection, origin: str) -> Engine:
    """`origin`: the public address of the house; encoders send to the same host unless it is said otherwise."""
    public_url = video.publish_url or f"rtmp://{urlsplit(origin).hostname or '127.0.0.1'}/live"
    match video.engine:
        case "nginx_rtmp":
            return NginxRtmp(public_url.rstrip("/"), video.source_url.rstrip("/"), video.control_url.rstrip("/"))
        case _:
            return Embedded()


def networks(written: tuple[str, ...]) -> tuple[Network, ...]:
    """Networks as the configuration writes them. Raises `ValueError`."""
    return tuple(ipaddress.ip_network(each) for each in written)
