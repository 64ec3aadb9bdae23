"""What live pictures cost: `python -m bench.pictures --streams 8 --players 50 --seconds 30`.

Hosts send the same recording in real time, each to a session of its own; players fetch playlist and parts of the first
one as hls.js does. Processor time is that of the packagers and of the hub, from a moment when all are under way.
"""

import argparse
import asyncio
import io
import os
import random
import re
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
from server.media import talk

WARM_S = 6.0
CHUNK_S = 0.2


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


async def broadcast(http: ClientSession, hub: Hub, session: str, token: str, recording: bytes, seconds: float) -> None:
    """One host: live, then its recording in real time."""
    speaker = Speaker(hub.host, hub.port)
    await speaker.open(token)
    await speaker.command(GoLive(session=SessionId(session), key=f"bench-live-{session}"))
    speaker.close()
    async with http.ws_connect(f"http://{hub.host}:{hub.port}/media") as ws:
        hello = talk.Broadcasting(token=token, session=session, source="bench-source")
        await ws.send_str(talk.write(hello))
        await ws.send_str(talk.write(talk.Begin(mime="video/webm;codecs=h264,opus", started_at_ms=_now_ms())))
        began_s, step = time.monotonic(), max(1, round(len(recording) * CHUNK_S / seconds))
        listening = asyncio.create_task(_listen(ws))
        for number, at in enumerate(range(0, len(recording), step)):
            await asyncio.sleep(max(0.0, began_s + number * CHUNK_S - time.monotonic()))
            await ws.send_bytes(recording[at : at + step])
        listening.cancel()


async def _listen(ws: Any) -> None:
    while (await ws.receive()).type is WSMsgType.TEXT:
        pass


async def play(http: ClientSession, hub: Hub, session: str, name: str, ages_ms: list[float], until_s: float) -> None:
    """One player: the playlist in advance, then the part it was waited for. Notes how old a part's first frame is."""
    root = f"http://{hub.host}:{hub.port}/hls/{session}/"
    query = ""
    while time.monotonic() < until_s:
        async with http.get(f"{root}index.m3u8?v={name}{query}") as answer:
            text = await answer.text()
            if answer.status != 200:
                await asyncio.sleep(0.5)
                continue
        hint = re.findall(r'PRELOAD-HINT.*?URI="([^"]*/p(\d+)\.(\d+)\.m4s)"', text)
        if not hint:
            await asyncio.sleep(0.2)
            continue
        address, number, part = hint[0]
        asked_s = time.monotonic()
        async with http.get(root + address) as answer:
            await answer.read()
        if query:
            ages_ms.append((time.monotonic() - asked_s) * 1000)
        query = f"&_HLS_msn={number}&_HLS_part={part}"


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def packagers(hub: Hub) -> list[int]:
    """The hub's child processes."""
    return [int(pid) for pid in Path(f"/proc/{hub.pid}/task/{hub.pid}/children").read_text().split()]


async def measure(arguments: argparse.Namespace) -> None:
    """Run it and print one line of a table."""
    seconds = WARM_S + arguments.seconds + 2
    width, height = (int(n) for n in arguments.size.split("x"))
    recording = await asyncio.to_thread(film, seconds, (width, height), arguments.kbit)
    waits_ms: list[float] = []
    async with Hub(()) as hub, ClientSession(timeout=ClientTimeout(total=60), connector=TCPConnector(limit=0)) as http:
        fair = await hub.get("/api/fair")
        sessions = [one["session"]["id"] for one in fair["sessions"]][: arguments.streams]
        hosts = [
            asyncio.create_task(broadcast(http, hub, session, _token(hub, session), recording, seconds))
            for session in sessions
        ]
        until_s = time.monotonic() + WARM_S + arguments.seconds
        await asyncio.sleep(2)
        players = [
            asyncio.create_task(play(http, hub, sessions[0], f"player{n}", waits_ms, until_s))
            for n in range(arguments.players)
        ]
        await asyncio.sleep(WARM_S - 2)
        children = packagers(hub)
        before = {pid: cpu_s(pid) for pid in [hub.pid, *children]}
        began_s = time.monotonic()
        await asyncio.sleep(arguments.seconds - 1)
        passed_s = time.monotonic() - began_s
        used = {pid: (cpu_s(pid) - was) / passed_s * 100 for pid, was in before.items()}
        rss = [rss_bytes(pid) / 2**20 for pid in children]
        await asyncio.gather(*players, *hosts)
    per_child = [used[pid] for pid in children]
    print(
        "| streams | picture | packager CPU | packager RSS | players | hub CPU | parts fetched | load of the machine |"
    )
    print("|---:|---|---:|---:|---:|---:|---:|---:|")
    print(
        f"| {len(children)} | {arguments.size}, {len(recording) * 8 / 1000 / seconds:.0f} kbit/s "
        f"| {statistics.mean(per_child):.1f} % (most {max(per_child):.1f}) | {statistics.mean(rss):.0f} MB "
        f"| {arguments.players} | {used[hub.pid]:.1f} % | {len(waits_ms)} | {os.getloadavg()[0]:.1f} |"
    )


def _token(hub: Hub, session: str) -> str:
    return hub.signer.token(f"bench-host-{session}", (Grant(role=Role.HOST, scope=session),))


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(prog="python -m bench.pictures", description=__doc__)
    parser.add_argument("--streams", type=int, default=8)
    parser.add_argument("--players", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--kbit", type=int, default=2000)
    asyncio.run(measure(parser.parse_args()))


if __name__ == "__main__":
    main()
