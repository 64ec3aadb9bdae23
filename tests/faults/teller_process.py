"""The job that tells phones, as a program of its own: `python -m tests.faults.teller_process VAR GATEWAY NOW_MS`.

Its clock starts at NOW_MS: whether it is night where the test runs must not matter. It ends when nothing waits.
"""

import asyncio
import sys
import time
from pathlib import Path

from server.jobs.telling import Telling, TellingJob
from server.outside.gateway import Gateway, HttpSender
from server.store import outgoing_rows
from server.store.store import Store
from tests.contract.conftest import a_keyring
from tests.contract.store_day import PROVINCE


async def main(var: Path, url: str, now_ms: int) -> None:
    began_s = time.monotonic()

    def clock_ms() -> int:
        return now_ms + int((time.monotonic() - began_s) * 1000)

    store = await Store.open(
        f"sqlite:///{var / 'daigang.db'}", keyring=a_keyring(), province=PROVINCE, var_dir=var, clock_ms=clock_ms
    )
    sender = HttpSender(Gateway(url=url, timeout_s=20))
    words = Telling(sign="直播带岗", link="http://127.0.0.1/#mine")
    job = TellingJob(store, sender, words, f"hub-{now_ms}", clock_ms)
    while await store.read(outgoing_rows.waiting):
        await job.step()
        await asyncio.sleep(0.05)
    await sender.close()
    await store.close()


asyncio.run(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
