"""The one way in which bytes of a host can be wrong."""


class BadMedia(Exception):
    """These bytes cannot become a picture. `reason` is one word of a short list and travels to the host's page."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
