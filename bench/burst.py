"""Many cards at once in one room, again and again: several hosts, or a program that shows a whole shelf."""

import asyncio
import contextlib
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.delays import Lines
from bench.figures import Round
from bench.hub import BareHub, Hub, HubError, free_port
from bench.machine import cores, cpu_s
from bench.publishing import Sent, at_rate
from bench.sides import SETTLE_S, WARM_UP_S, Options, Side, audience_of, hosts_of, made_round, said_of
from server.assembling.trust import public_text
from server.core.channels import Kind, channel
from server.secrets_file import load_secrets
from tests.services import RedisServer, find_redis
from tests.wire.houses import fill, make_config
from tests.wire.provinces import fair_of

AT_ONCE = 20
EVERY_S = 2.5
HERE, THERE = "210000", "220000"
LINE_MS = 30
FAR = ", another province"


async def bursts(options: Options, viewers: int) -> list[Round]:
    """At home."""
    async with AsyncExitStack() as stack:
        hub = await stack.enter_async_context(Hub(cores()[0]))
        stage = str(channel(Kind.STAGE, hub.session.id))
        audience = await audience_of(stack, hub, viewers, (stage,))
        hosts = await hosts_of(stack, hub, options)
        return await _measured(options, Side(name=hub.name, pid=hub.pid, send=hosts.send, audience=audience))


async def bursts_far(options: Options, viewers: int) -> list[Round]:
    """The viewers' hub is of another province: LINE_MS one way to the Redis of the hub where the cards are shown, both
    on the first core."""
    if find_redis() is None:
        raise HubError("there is no Redis: make services")
    async with AsyncExitStack() as stack:
        redis = [stack.enter_context(contextlib.closing(RedisServer())) for _ in range(2)]
        for one in redis:
            one.start()
        (line,) = (await stack.enter_async_context(Lines([(redis[0].port, LINE_MS)], cores()[1]))).ports
        var = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="daigang-bench-")))
        await fill(make_config(var), fair_of(HERE))
        config = _knowing(THERE, HERE, load_secrets(var, {}, store_exists=True).signing_seed, free_port())
        there = Hub(cores()[0], config, {"DAIGANG_REDIS_URL": redis[0].url, **_reached(HERE, redis[1].port)})
        await stack.enter_async_context(there)
        environ = {"DAIGANG_VAR": str(var), "DAIGANG_REDIS_URL": redis[1].url, **_reached(THERE, line)}
        here = BareHub(cores()[0], _knowing(HERE, THERE, there.seed, there.port), environ)
        await stack.enter_async_context(here)
        stage = f"{channel(Kind.STAGE, there.session.id)}@{THERE}"
        hosts = await hosts_of(stack, there, options, stage)
        await hosts.send(Sent())
        await asyncio.sleep(SETTLE_S)  # now its snapshot is in its Redis
        audience = await audience_of(stack, here, viewers, (stage,))
        return await _measured(options, Side(name=here.name, pid=here.pid, send=hosts.send, audience=audience), FAR)


def _knowing(province: str, other: str, seed: bytes, port: int) -> str:
    """Lines of a configuration."""
    key = public_text(Ed25519PrivateKey.from_private_bytes(seed))
    known = f'{{title: Other, url: "http://127.0.0.1:{port}", key: "{key}"}}'
    return f'province: {{code: "{province}"}}\nprovinces: {{"{other}": {known}}}\n'


def _reached(other: str, port: int) -> dict[str, str]:
    """Where the other's Redis is."""
    return {f"DAIGANG_REDIS_URL_{other}": f"redis://127.0.0.1:{port}/0"}


async def _measured(options: Options, side: Side, where: str = "") -> list[Round]:
    await at_rate(side.send, options.cards_per_s, WARM_UP_S)
    done: list[Round] = []
    for _ in range(options.repeats):
        done.append(await _round(options, side, (1, 1.0), f"one card a second{where}"))
        done.append(await _round(options, side, (AT_ONCE, EVERY_S), f"{AT_ONCE} cards at once{where}"))
    return done


async def _round(options: Options, side: Side, sending: tuple[int, float], shape: str) -> Round:
    at_once, every_s = sending
    await side.audience.settled(None, 0.2)
    await side.audience.begin()
    before_s = cpu_s(side.pid)
    sent = Sent(began_ns=time.monotonic_ns())
    for _ in range(max(1, round(options.seconds / every_s))):
        await asyncio.gather(*(side.send(sent) for _ in range(at_once)), asyncio.sleep(every_s))
    await side.audience.settled(side.expected(sent.count), SETTLE_S)
    took = cpu_s(side.pid) - before_s, options.seconds
    one = made_round(shape, side, sent, await side.audience.report(sent.times), took)
    options.say(said_of(one))
    return one
