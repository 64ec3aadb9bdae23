"""Where a picture that is elsewhere may be: an allow-list, because every viewer is invited to open the address."""

from typing import Final
from urllib.parse import urlsplit

from server.core.model import Picture, PictureKind
from server.core.refusal import Code, Refusal

HOSTS: Final[dict[str, str]] = {
    "channels.weixin.qq.com": "wechat",
    "weixin.qq.com": "wechat",
    "live.douyin.com": "douyin",
    "v.douyin.com": "douyin",
    "www.douyin.com": "douyin",
}
"""Host and the name of its platform: 视频号, 抖音. Share links and the pages of live rooms."""


def picture_of(kind: PictureKind, url: str) -> Picture:
    """The picture those words mean. Raises `Refusal(PICTURE_ADDRESS)` for an address that is not on the list, for one
    that is missing, and for one that does not belong to the kind."""
    url = url.strip()
    if kind is not PictureKind.ELSEWHERE:
        return Picture(kind=kind)
    if not _is_listed(url):
        raise Refusal(Code.PICTURE_ADDRESS, hosts=" ".join(HOSTS))
    return Picture(kind=kind, url=url)


def _is_listed(url: str) -> bool:
    # A browser reads a backslash as a slash, urlsplit does not: then the two would see different hosts.
    if not url.isascii() or not url.isprintable() or any(c in url for c in '\\ "<>'):
        return False
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    return parts.scheme == "https" and parts.netloc.lower() in HOSTS and port is None
