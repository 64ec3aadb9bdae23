"""Counts what a sender delivered and what it did not, for `/metrics`: a gateway that is down has to be seen."""

from server.outside.message import Message, Sender, SendFailed


class CountedSender:
    """Any sender, counted. `sent` and `failed` since the hub started; a message that is tried later fails each time."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self.sent = 0
        self.failed = 0

    async def send(self, message: Message) -> None:
        """As the sender does."""
        try:
            await self._sender.send(message)
        except SendFailed:
            self.failed += 1
            raise
        self.sent += 1

    async def close(self) -> None:
        """Let go of connections."""
        await self._sender.close()
