"""Hosts that send a picture in real time, as company beside viewers and for `bench.pictures`."""

import asyncio
import io
import random
import statistics
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, ClientTimeout, TCPConnector, WSMsgType

from bench.hub import Hub
from bench.machine import cpu_s, rss_bytes
from bench.speaker import Speaker
from server.core.model import Grant, Role, SessionId
from server.core.protocol import GoLive
from server.media import ebml, talk
from server.media.webm import CLUSTER, CLUSTER_TIME, SEGMENT

CHUNK_S = 0.2
FILM_S = 20.0
UNDER_WAY_S = 6.0
BEFORE_S = 40.0
"""Until viewers are in and the round begins, and after it."""
SIZE, KBIT_S = (1280, 720), 2000


def film(seconds: float, size: tuple[int, int], kbit_s: int) -> bytes:
    """Live WebM, H.264 and Opus, 25 frames a second, a key frame every 2 s."""
    import av

    out = io.BytesIO()
    with av.open(out, "w", format="matroska", options={"live": "1", "cluster_time_limit": "200"}) as container:
        video: Any = container.add_stream("libx264", rate=25)
        video.width, video.height, video.pix_fmt, video.gop_size = *size, "yuv420p", 50
        video.bit_rate = kbit_s * 1000
        video.options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "profile": "baseline",
            "x264-params": "scenecut=0",
        }
        audio: Any = container.add_stream("libopus", rate=48_000, layout="mono")
        spoken = 0
        for index in range(round(seconds * 25)):
            frame = av.VideoFrame(*size, "yuv420p")
            for plane in frame.planes:
                # A strip of noise over a flat picture: about as hard to encode as a person before a wall.
                strip = random.randbytes(plane.buffer_size // 40)
                plane.update(strip + bytes([index * 2 % 256]) * (plane.buffer_size - len(strip)))
            frame.pts, frame.time_base = index, Fraction(1, 25)
            container.mux(video.encode(frame))
            while spoken < (index + 1) * 1920:
                sound = av.AudioFrame("s16", "mono", 960)
                sound.planes[0].update(random.randbytes(sound.planes[0].buffer_size))
                sound.sample_rate, sound.pts, sound.time_base = 48_000, spoken, Fraction(1, 48_000)
                container.mux(audio.encode(sound))
                spoken += 960
        container.mux(video.encode(None))
        container.mux(audio.encode(None))
    return out.getvalue()


class Reel:
    """A recording that goes on as long as wanted: its clusters again and again, each time with later times."""

    def __init__(self, recording: bytes, seconds: float) -> None:
        self.seconds = seconds
        self.bytes = len(recording)
        self._head = b""
        self._clusters: list[tuple[int, bytes]] = []
        at = begins = 0
        while at < len(recording):
            found = ebml.head(recording, at)
            assert found is not None
            ident, size, start = found
            if ident == CLUSTER:
                self._put(recording[begins:at])
                begins = start
            at = start if ident in (SEGMENT, CLUSTER) else start + size
        self._put(recording[begins:])

    def _put(self, data: bytes) -> None:
        if not self._head:
            self._head = data
            return
        at = 0
        while (found := ebml.head(data, at)) is not None:
            ident, size, start = found
            at = start + size
            if ident == CLUSTER_TIME:  # a checksum stands before it
                self._clusters.append((ebml.unsigned(data[start:at]), data[at:]))
                return

    def turn(self, number: int) -> bytes:
        """The bytes of that time around, from 0 on."""
        shift_ms = round(number * self.seconds * 1000)
        head = CLUSTER.to_bytes(4, "big") + b"\x01" + b"\xff" * 7 + b"\xe7\x84"
        again = b"".join(head + (at + shift_ms).to_bytes(4, "big") + body for at, body in self._clusters)
        return again if number else self._head + again


async def broadcast(http: ClientSession, hub: Hub, session: str, reel: Reel, seconds: float) -> None:
    """One host: live, then its recording in real time."""
    token = token_of(hub, session)
    speaker = Speaker(hub.host, hub.port)
    await speaker.open(token)
    await speaker.command(GoLive(session=SessionId(session), key=f"bench-live-{session}"))
    speaker.close()
    async with http.ws_connect(f"http://{hub.host}:{hub.port}/media?session={session}") as ws:
        hello = talk.Broadcasting(token=token, session=session, source="bench-source")
        await ws.send_str(talk.write(hello))
        await ws.send_str(talk.write(talk.Begin(mime="video/webm;codecs=h264,opus", started_at_ms=_now_ms())))
        listening = asyncio.create_task(_listen(ws))
        began_s, sent_s, turn = time.monotonic(), 0.0, 0
        while sent_s < seconds:
            data, turn = reel.turn(turn), turn + 1
            step = max(1, round(len(data) * CHUNK_S / reel.seconds))
            for at in range(0, len(data), step):
                await asyncio.sleep(max(0.0, began_s + sent_s - time.monotonic()))
                await ws.send_bytes(data[at : at + step])
                sent_s += CHUNK_S * min(step, len(data) - at) / step
        listening.cancel()


async def _listen(ws: Any) -> None:
    while (await ws.receive()).type is WSMsgType.TEXT:
        pass


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def packagers(hub: Hub) -> list[int]:
    """The hub's children that pack pictures."""
    children = Path(f"/proc/{hub.pid}/task/{hub.pid}/children").read_text().split()
    return [int(pid) for pid in children if b"server.media.child" in Path(f"/proc/{pid}/cmdline").read_bytes()]


async def sessions_of(hub: Hub, count: int) -> list[str]:
    """The first sessions of the day beside the one that is measured."""
    fair = await hub.get("/api/fair")
    found = [one["session"]["id"] for one in fair["sessions"] if one["session"]["id"] != hub.session.id]
    return found[:count]


def token_of(hub: Hub, session: str) -> str:
    """A host's."""
    return hub.signer.token(f"bench-host-{session}", (Grant(role=Role.HOST, scope=session),))


class Filming:
    """Company for `beside`: so many hosts send a picture of 720 lines, each in a session of its own, all along."""

    def __init__(self, hub: Hub, streams: int, seconds: float) -> None:
        """`seconds`: how long the round takes."""
        self._hub = hub
        self._streams = streams
        self._seconds = seconds + BEFORE_S
        self._http: ClientSession | None = None
        self._hosts: list[asyncio.Task[None]] = []
        self._before: dict[int, tuple[float, int]] = {}
        self._began_s = 0.0

    @property
    def ports(self) -> frozenset[int]:
        """Nobody in the kernel is asked about."""
        return frozenset()

    async def open(self) -> None:
        """Go on air, and wait until all packagers are under way."""
        if not self._streams:
            return
        reel = Reel(await asyncio.to_thread(film, FILM_S, SIZE, KBIT_S), FILM_S)
        http = self._http = ClientSession(timeout=ClientTimeout(total=None), connector=TCPConnector(limit=0))
        for session in await sessions_of(self._hub, self._streams):
            work = broadcast(http, self._hub, session, reel, self._seconds)
            self._hosts.append(asyncio.ensure_future(work))
        await asyncio.sleep(UNDER_WAY_S)

    def begin(self) -> None:
        """From now on it is measured."""
        self._began_s = time.monotonic()
        if self._streams:
            self._before = {pid: (cpu_s(pid), rss_bytes(pid)) for pid in packagers(self._hub)}

    async def end(self) -> dict[str, float]:
        """Processor of a stream's packager in percent of a core, its memory, and how that grew."""
        passed_s = time.monotonic() - self._began_s
        still = set(packagers(self._hub)) if self._before else set()
        after = {pid: (cpu_s(pid), rss_bytes(pid)) for pid in self._before if pid in still}
        for task in self._hosts:
            task.cancel()
        await asyncio.gather(*self._hosts, return_exceptions=True)
        if self._http is not None:
            await self._http.close()
        if not after:
            return {}
        used = [(cpu - self._before[pid][0]) / passed_s * 100 for pid, (cpu, _) in after.items()]
        grown = [(rss - self._before[pid][1]) / 2**20 for pid, (_, rss) in after.items()]
        return {
            "streams": float(len(after)),
            "stream_cpu_percent": statistics.mean(used),
            "stream_cpu_most_percent": max(used),
            "stream_rss_mib": statistics.mean(rss for _, rss in after.values()) / 2**20,
            "stream_grown_mib": statistics.mean(grown),
        }
