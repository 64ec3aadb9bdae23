"""A program that applies and applies, says on its standard output what was acknowledged, and then is gone.

`python -m tests.faults.powerloss_writer DIRECTORY SYNCHRONOUS COUNT`: one line `ack APPLICATION_ID` each, written
after the store's answer; at the end it kills itself, so that nothing is tidied up.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

from server.core.model import PersonId
from server.store.store import Store, StoreSettings
from tests.contract.conftest import a_keyring
from tests.contract.store_day import PROVINCE, apply, loaded, q, receipt

LANES = 6


async def write(directory: Path, synchronous: str, count: int) -> None:
    store = await loaded(
        await Store.open(
            f"sqlite:///{directory}/daigang.db",
            keyring=a_keyring(),
            province=PROVINCE,
            var_dir=directory / "var",
            clock_ms=lambda: 1_000,
            settings=StoreSettings(synchronous=synchronous),
        )
    )

    async def lane(first: int) -> None:
        for n in range(first, count, LANES):
            made = receipt(await store.write(apply(q(n % 4), phone=f"139{n:08d}", by=PersonId(f"p{n}"))))
            os.write(1, f"ack {made.application}\n".encode())

    await asyncio.gather(*(lane(first) for first in range(LANES)))


if __name__ == "__main__":
    asyncio.run(write(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
    os.kill(os.getpid(), signal.SIGKILL)
