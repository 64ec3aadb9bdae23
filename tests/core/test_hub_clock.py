"""How far the hub's clock is ahead: clients work it out from what hubs stamp (promise 16)."""

import json
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from clients.python.hub_clock import HubClock

SHARED = Path(__file__).resolve().parents[2] / "clients" / "web" / "shared"
PAGES = """
import { createClock } from "CLOCK";
const clock = createClock();
const known = [];
for (const [what, ...given] of JSON.parse(process.argv[1])) {
  clock[what](...given);
  known.push(clock.ahead(given.at(-1)));
}
console.log(JSON.stringify(known));
"""
Heard = list[tuple[str, int, int, int] | tuple[str, int, int]]


def heard_by(chance: random.Random, ahead_ms: int, way_ms: int, pings: int) -> Heard:
    """A hello and pings over a line of that length one way, its jitter included, as whole ms."""
    at_ms, heard = 1_000_000.0, Heard()

    def way() -> float:
        return way_ms + chance.expovariate(1 / 3)

    there = at_ms + way()
    back = there + way()
    heard += [("answered", int(at_ms), int(there + ahead_ms), int(back)), ("stamped", int(there + ahead_ms), int(back))]
    ponged = 0.0
    for _ in range(pings):
        at_ms += 25_000
        came = at_ms + way()
        if ponged:
            heard.append(("answered", int(ponged), int(ponged + way() + ahead_ms), int(ponged)))
        heard.append(("stamped", int(at_ms + ahead_ms), int(came)))
        ponged = came
    return heard


def known_by(heard: Heard) -> list[float]:
    clock, known = HubClock(), []
    for what, *given in heard:
        getattr(clock, what)(*given)
        known.append(clock.ahead_ms(given[-1]))
    return known


@pytest.mark.parametrize("way_ms", [0, 5, 80, 400])
@pytest.mark.parametrize("ahead_ms", [-3_600_000, -70, 0, 70, 90_000])
def test_the_length_of_the_line_changes_nothing(way_ms: int, ahead_ms: int) -> None:
    for seed in range(20):
        known = known_by(heard_by(random.Random(seed), ahead_ms, way_ms, 12))
        assert abs(known[-1] - ahead_ms) <= 15, seed


def test_a_clock_that_is_put_right_is_believed_at_once() -> None:
    chance = random.Random(1)
    before, after = heard_by(chance, 5_000, 40, 6), heard_by(chance, -20, 40, 6)
    later = [(what, *(one + 200_000 for one in given)) for what, *given in after]
    known = known_by([*before, *later])  # type: ignore[list-item]
    assert abs(known[len(before) - 1] - 5_000) <= 15
    assert abs(known[-1] + 20) <= 15


@pytest.mark.skipif(shutil.which("node") is None, reason="There is no node on this machine.")
def test_pages_come_to_the_same() -> None:
    heard = heard_by(random.Random(3), -777, 30, 20)
    program = PAGES.replace("CLOCK", (SHARED / "clock.js").as_uri())
    ran = subprocess.run(
        ["node", "--input-type=module", "-e", program, json.dumps(heard)], capture_output=True, text=True, check=True
    )
    assert json.loads(ran.stdout) == pytest.approx(known_by(heard))
