"""What a clip of a position costs: `python -m bench.clips`.

A film is made as a packager makes it, and stretches of it are cut by the very child a hub uses; start and end of that
process are counted. Figures: docs/performance.md.
"""

import argparse
import asyncio
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from server.apart.child import run_child
from server.media.cutting import Part
from server.media.packaging import Packaging
from server.media.pipe import Order
from tests.media.recordings import recording

SIZES: Final = {"854x480": (854, 480), "1280x720": (1280, 720)}


def film_of(size: tuple[int, int], seconds: float) -> tuple[bytes, list[int]]:
    """A generation as it lies on disk, and where its segments begin; the header ends at the first of them."""
    headers: list[bytes] = []
    parts: list[Part] = []
    packaging = Packaging(Order(offset_ms=0.0), headers.append, parts.append)
    packaging.feed(recording(seconds, size=size, tone=True))
    packaging.end()
    at = len(headers[0])
    starts = []
    for part in parts:
        if part.opens:
            starts.append(at)
        at += len(part.data)
    return headers[0] + b"".join(part.data for part in parts), [*starts, at]


async def measure(film: Path, starts: list[int], segments: int, times: int) -> tuple[float, float]:
    """Milliseconds of processor and of waiting for one clip."""
    out = film.with_name("clip.mp4")
    command = (sys.executable, "-m", "server.apart.clip_child", str(film))
    numbers = (str(starts[0]), str(starts[0]), str(starts[segments]))
    before, began_s = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    for _ in range(times):
        code, _ = await run_child(*command, *numbers, str(out), heard=False)
        assert code == 0
    waited_s = time.monotonic() - began_s
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    worked_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return worked_s * 1000 / times, waited_s * 1000 / times


async def run(times: int) -> None:
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, {times} clips each")
    with tempfile.TemporaryDirectory() as directory:
        for name, size in SIZES.items():
            content, starts = film_of(size, 62.0)
            film = Path(directory) / "g1.mp4"
            film.write_bytes(content)
            for seconds in (10, 60):
                worked_ms, waited_ms = await measure(film, starts, seconds // 2, times)
                print(f"{name}, {seconds} s: {worked_ms:.0f} ms of processor, {waited_ms:.0f} ms until it is there")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=20)
    asyncio.run(run(parser.parse_args().times))


if __name__ == "__main__":
    main()
