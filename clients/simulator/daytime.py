"""The clock of a day that is played faster."""

import asyncio


class Daytime:
    """Seconds since midnight in Jilin, `speed` times as fast as here."""

    def __init__(self, speed: float, first_s: float) -> None:
        self.speed = speed
        self._first_s = first_s
        self._began_s = asyncio.get_running_loop().time()

    def now_s(self) -> float:
        """The time of the day."""
        return self._first_s + (asyncio.get_running_loop().time() - self._began_s) * self.speed

    def loop_s(self, at_s: float) -> float:
        """That moment of the day as the loop counts time."""
        return self._began_s + (at_s - self._first_s) / self.speed

    async def until(self, at_s: float) -> None:
        """Wait for a moment of the day; one that is past is now."""
        await asyncio.sleep(max(0.0, self.loop_s(at_s) - asyncio.get_running_loop().time()))
