"""No engine: pictures come from browsers only, and the hub packs and serves them."""

from server.media.engines.engine import Answer, Ask, BadHook, Hook, Place, Playback, Target


class Embedded:
    """What stands when nothing is configured."""

    name = "embedded"
    takes = False

    def publish_target(self, stream: str, secret: str, now_ms: int) -> Target:
        """Nobody asks."""
        raise NotImplementedError

    def hook(self, media_type: str, body: bytes) -> Hook:
        """Nobody may say anything."""
        raise BadHook("no engine")

    def answer(self, allowed: bool) -> Answer:
        """No."""
        return Answer(status=403)

    def place(self, stream: str) -> Place | None:
        """Nowhere."""
        return None

    def drop(self, stream: str, client: str) -> Ask | None:
        """Nothing to end."""
        return None

    def playback(self, stream: str, now_ms: int) -> Playback | None:
        """From the hub."""
        return None

    def recordings(self, stream: str, from_ms: int, to_ms: int) -> Ask | None:
        """The hub's own."""
        return None
