"""What waits for one watcher: in order, bounded, and always something that decodes."""

import asyncio

from server.core.limits import Close
from server.media.cutting import Part
from server.media.feed import BYTES_MOST, PARTS_MOST, Feed, Opens
from server.media.window import Generation

FIRST = Generation(number=1, header=b"first", base_ms=0.0)
SECOND = Generation(number=2, header=b"second", base_ms=5.0)


def part(at_s: float, *, key: bool = False, size: int = 4) -> Part:
    return Part(
        at=round(at_s * 90_000), duration=30_000, independent=key, opens=key, data=f"{at_s:g}".encode().ljust(size)
    )


def waiting(feed: Feed) -> list[object]:
    return [item.strip() if isinstance(item, bytes) else item for item in feed._waiting]


def test_a_generation_begins_with_its_header_and_a_key_frame() -> None:
    feed = Feed()
    feed.add(part(0, key=True))
    feed.begin(FIRST)
    feed.add(part(1))
    feed.add(part(2, key=True))
    feed.add(part(3))
    feed.begin(SECOND)
    feed.add(part(4))
    feed.add(part(5, key=True))
    assert waiting(feed) == [Opens(FIRST, 2.0), b"2", b"3", Opens(SECOND, 5.0), b"5"]


def test_who_is_slow_goes_on_at_the_next_key_frame() -> None:
    feed = Feed()
    feed.begin(FIRST)
    for number in range(PARTS_MOST):
        feed.add(part(number, key=number == 0))
    assert feed.dropped == 0
    feed.add(part(100))
    feed.add(part(101))
    assert waiting(feed) == []
    feed.add(part(102, key=True))
    assert waiting(feed) == [Opens(FIRST, 102.0), b"102"]
    assert feed.dropped == PARTS_MOST + 2


def test_large_parts_are_bounded_too() -> None:
    feed = Feed()
    feed.begin(FIRST)
    for number in range(6):
        feed.add(part(number, key=True, size=BYTES_MOST // 2))
    assert sum(len(item) for item in feed._waiting if isinstance(item, bytes)) <= BYTES_MOST


async def test_the_end_comes_at_once() -> None:
    feed = Feed()
    waits = asyncio.create_task(feed.next())
    await asyncio.sleep(0)
    feed.begin(FIRST)
    feed.add(part(0, key=True))
    assert await waits == Opens(FIRST, 0.0)
    feed.end(Close.RESTART)
    feed.add(part(1))
    assert await feed.next() is Close.RESTART
