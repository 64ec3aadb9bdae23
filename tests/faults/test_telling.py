"""A hub is killed after its message reached the gateway and before it knew: the phone gets it once."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from server.core.model import ApplicationStatus
from server.store.outgoing_rows import CLAIMED_MS
from server.store.store import Store
from tests.contract.conftest import a_keyring
from tests.contract.store_day import PROVINCE, answer, apply, e0, loaded, q, receipt
from tests.contract.test_store_notices import AFTER, NOON, states
from tests.services import free_port

pytestmark = pytest.mark.faults

PHONE = "19912340063"
WITHIN_S = 30.0


def start(module: str, *arguments: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", f"tests.faults.{module}", *map(str, arguments)])


async def posts(file: Path, at_least: int) -> list[dict]:
    """What the gateway wrote down, once there are so many."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            lines = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
            if len(lines) >= at_least:
                return lines
            await asyncio.sleep(0.05)


async def answering(port: int) -> None:
    """Until the gateway listens."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            return


async def a_step_to_tell(var: Path) -> None:
    store = await open_store(var)
    await loaded(store)
    made = receipt(await store.write(apply(q(0), phone=PHONE, at_ms=NOON)))
    await store.write(answer(made.application, (e0,), ApplicationStatus.INTERVIEW, at_ms=NOON))
    await store.close()


async def open_store(var: Path) -> Store:
    return await Store.open(
        f"sqlite:///{var / 'daigang.db'}", keyring=a_keyring(), province=PROVINCE, var_dir=var, clock_ms=lambda: NOON
    )


async def test_killed_between_sending_and_knowing(tmp_path: Path):
    await a_step_to_tell(tmp_path)
    port, file = free_port(), tmp_path / "posts"
    url = f"http://127.0.0.1:{port}/send"
    gateway = start("gateway_process", port, file)
    running = [gateway]
    try:
        await answering(port)
        first = start("teller_process", tmp_path, url, NOON + AFTER)
        running.append(first)
        await posts(file, 1)
        first.kill()
        first.wait(10)
        # Another hub comes at once: the claim is not its own yet. Later it is, and goes out with the same key.
        second = start("teller_process", tmp_path, url, NOON + AFTER + CLAIMED_MS - 2_000)
        running.append(second)
        sent = await posts(file, 2)
        await asyncio.to_thread(second.wait, WITHIN_S)
    finally:
        for process in running:
            process.kill()
            process.wait(10)
    assert len({post["key"] for post in sent}) == 1
    assert [post["fresh"] for post in sent] == [True, False]
    store = await open_store(tmp_path)
    assert await store.read(states) == [("interview", "sent")]
    await store.close()
