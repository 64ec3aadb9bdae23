"""Random bytes from a stock: none twice, whoever asks."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from server.store.chance import FETCHED_BYTES, Chance


def test_every_length_is_given_and_nothing_twice():
    chance = Chance()
    given = [chance(count) for count in (1, 12, 16, FETCHED_BYTES, 2 * FETCHED_BYTES, 0, 9)]
    assert [len(one) for one in given] == [1, 12, 16, FETCHED_BYTES, 2 * FETCHED_BYTES, 0, 9]
    many = [chance(16) for _ in range(3 * FETCHED_BYTES // 16)]
    assert len(set(many)) == len(many)


def test_threads_get_other_bytes():
    chance = Chance()
    with ThreadPoolExecutor(8) as pool:
        given = [one for part in pool.map(lambda _: [chance(12) for _ in range(5_000)], range(8)) for one in part]
    assert len(set(given)) == len(given) == 40_000


FORKING = """
import os
from server.store.chance import random_bytes
random_bytes(12)
read, write = os.pipe()
if os.fork() == 0:
    os.write(write, random_bytes(32))
    os._exit(0)
os.wait()
print(os.read(read, 32) != random_bytes(32))
"""


def test_a_child_process_gets_other_bytes():
    ended = subprocess.run([sys.executable, "-c", FORKING], capture_output=True, text=True, timeout=30, check=True)
    assert ended.stdout == "True\n"
