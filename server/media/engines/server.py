"""What the engines that run as servers beside the hub have in common: addresses, a key behind the stream's name."""

from typing import Final

from server.media.engines.engine import Place, Target

APP: Final = "live"
"""The RTMP application encoders send to."""


class MediaServer:
    """`public_url`: what encoders are told, rtmp://HOST/live; `source_url`: where the hub fetches; `control_url`: of
    its control door; `play_url`: of its own HLS, if viewers are sent there."""

    takes = True

    def __init__(self, public_url: str, source_url: str, control_url: str, play_url: str = "") -> None:
        self._public_url = public_url
        self._source_url = source_url
        self._control_url = control_url
        self._play_url = play_url

    def publish_target(self, stream: str, secret: str, now_ms: int) -> Target:
        """The secret stands behind the name: servers hand it to the hook and keep it out of their own names."""
        return Target(server=self._public_url, key=f"{stream}?key={secret}")

    def place(self, stream: str) -> Place | None:
        """From itself, unless viewers go there too."""
        return None if self._play_url else Place(url=self._source_url, name=stream)
