"""`python -m bench.search --positions 15543,50000`: how long a search takes, in process and over HTTP.

* The positions are the Jilin day's 1,749, again and again under ids of their own, with words of their own in the title,
  so that words are as frequent as at a real fair and no two positions are the same. All are on shelves, one hall is on
  air and explains one of them.
* A search is one of 20 texts (two characters and more, other words for the same, several words, one word run together,
  one character, none) with one of 5 sets of filters; each counts what every further filter would leave.
* In process: `server.core.search.search` alone. Over HTTP: `daigang run` in a process of its own, one request after
  another on one kept connection, each another search, so that no answer is a kept one; the time holds HTTP, JSON of 20
  positions, and the client.
* `filled`: from the start of the process until the index answers; `worst wait` is the longest a request for `/healthz`
  took meanwhile, so how long filling the index held the loop.
"""

import argparse
import gc
import http.client
import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import msgspec

from bench.hub import FORGET, HOST, free_port
from clients.simulator.day import generate
from server.core.catalogue import Catalogue
from server.core.model import Position, PositionId, RegionCode, SessionState, ShelfSlot
from server.core.regions import RegionTree
from server.core.search import Flag, Hall, Index, Query, search

WORDS = (
    *("焊工", "数控", "电焊工", "叉车", "铲车", "保安", "质检", "普工", "包吃住", "司机"),
    *("长春焊工", "榆树 焊工", "生产操作工", "招聘长春市质检员", "cnc", "c1", "高中 长白班", "宇航员", "工", ""),
)
FILTERS: tuple[dict[str, str], ...] = (
    {},
    {"base": "2500", "lodging": "1"},
    {"region": "220100", "education": "senior", "pay": "4000"},
    {"day": "1", "meals": "1", "near": "220182"},
    {"live": "1"},
)
ENDINGS = ("", "（夜班）", "学徒", "（急招）", "（长期）", "组长", "（五险）")
UP_WITHIN_S = 120.0


def fair(count: int) -> Catalogue:
    """A fair of so many positions, all of them on shelves."""
    day = generate()
    positions: list[Position] = []
    shelves = {session: list(slots) for session, slots in day.shelves.items()}
    home = {slot.position.id: session for session, slots in day.shelves.items() for slot in slots}
    for n in range(count):
        first = day.positions[n % len(day.positions)]
        round_ = n // len(day.positions)
        if round_ == 0:
            positions.append(first)
            continue
        title = first.title + ENDINGS[n % len(ENDINGS)]
        one = msgspec.structs.replace(first, id=PositionId(f"{first.id}x{round_}"), title=title)
        positions.append(one)
        shelf = shelves[home[first.id]]
        shelf.append(ShelfSlot(number=len(shelf) + 1, position=one))
    kept = {session: tuple(slots) for session, slots in shelves.items()}
    return msgspec.structs.replace(day, positions=tuple(positions), shelves=kept)


def in_process(day: Catalogue, rounds: int) -> dict[str, float]:
    """Milliseconds of a search in an index of these positions, and of making it."""
    gc.freeze()  # as a hub does when it has started: what was there before is not looked through again and again
    tree = RegionTree(day.regions)
    index = Index(tree)
    began = time.perf_counter()
    puts = []
    for position in day.positions:
        put = time.perf_counter()
        index.put(position, 1)
        puts.append(time.perf_counter() - put)
    made_s = time.perf_counter() - began
    for session in day.sessions:
        index.shelf(session.id, {slot.position.id: slot.number for slot in day.shelves[session.id]})
    first = day.sessions[0]
    explained = day.shelves[first.id][0].position.id
    index.hall(
        Hall(
            session=first.id,
            venue=first.venue,
            venue_name=first.venue_name,
            region=first.region,
            state=SessionState.LIVE,
            explained=explained,
        )
    )
    taken = []
    for words, filters in itertools.islice(_asked(), rounds):
        query = _query(words, filters)
        start = time.perf_counter()
        search(index, query)
        taken.append(time.perf_counter() - start)
    return {"made_s": made_s, "worst_put_ms": max(puts) * 1000, **_quantiles(taken)}


def over_http(day: Catalogue, rounds: int) -> dict[str, float]:
    """The same through a hub of its own, from a request to its whole answer."""
    with tempfile.TemporaryDirectory(prefix="daigang-bench-") as name:
        root = Path(name)
        (root / "fair.json").write_bytes(msgspec.json.encode(day))
        (root / "config.yaml").write_text("server:\n  behind_proxy: true\n", "utf-8")
        port = free_port()
        environ = {key: value for key, value in os.environ.items() if key not in FORGET}
        environ |= {
            "DAIGANG_CONFIG": str(root / "config.yaml"),
            "DAIGANG_VAR": str(root / "var"),
            "DAIGANG_PORT": str(port),
        }
        command = [sys.executable, "-m", "server.cli"]
        subprocess.run(
            [*command, "import", str(root / "fair.json")], env=environ, check=True, stdout=subprocess.DEVNULL
        )
        with (root / "hub.log").open("wb") as log:
            hub = subprocess.Popen([*command, "run", "--dev"], env=environ, stdout=log, stderr=subprocess.STDOUT)
            try:
                return _measured(port, len(day.positions), rounds)
            finally:
                hub.send_signal(signal.SIGTERM)
                hub.wait(30)


def _measured(port: int, count: int, rounds: int) -> dict[str, float]:
    began = time.perf_counter()
    worst, up = 0.0, False
    for caller in itertools.count():
        try:
            link = http.client.HTTPConnection(HOST, port, timeout=30)
            asked = time.perf_counter()
            _get(link, "/healthz", 0)
            worst, up = (max(worst, time.perf_counter() - asked) if up else 0.0), True
            status, body = _get(link, "/api/positions", caller)
            if status == 200 and json.loads(body)["total"] == count:
                break
        except OSError:
            up = False
        if time.perf_counter() - began > UP_WITHIN_S:
            raise SystemExit("the hub did not fill its index")
        time.sleep(0.002)
    filled_s = time.perf_counter() - began
    taken = []
    for n, (words, filters) in enumerate(itertools.islice(_asked(), rounds)):
        # Another sum each time: an answer is kept for a second, and that is not what is measured.
        wanted = {"q": words, **filters, "base": str(1_500 + n)}
        start = time.perf_counter()
        status, _ = _get(link, "/api/positions?" + urlencode(wanted), n)
        taken.append(time.perf_counter() - start)
        if status != 200:
            raise SystemExit(f"status {status} for {wanted}")
    return {"filled_s": filled_s, "worst_wait_ms": worst * 1000, **_quantiles(taken)}


def _get(link: http.client.HTTPConnection, path: str, caller: int) -> tuple[int, bytes]:
    """As many callers as there are requests: one alone would be rationed."""
    address = f"10.{caller >> 16 & 255}.{caller >> 8 & 255}.{caller & 255}"
    link.request("GET", path, headers={"X-Forwarded-For": address})
    answer = link.getresponse()
    return answer.status, answer.read()


def _asked() -> Iterator[tuple[str, dict[str, str]]]:
    return itertools.cycle(itertools.product(WORDS, FILTERS))


def _query(words: str, filters: dict[str, str]) -> Query:
    return Query(
        words=words,
        region=RegionCode(filters["region"]) if "region" in filters else None,
        near=RegionCode(filters["near"]) if "near" in filters else None,
        base=int(filters.get("base", 0)),
        pay=int(filters.get("pay", 0)),
        education=3 if "education" in filters else 0,
        flags=frozenset(flag for flag in Flag if flag.value in filters),
    )


def _quantiles(taken: list[float]) -> dict[str, float]:
    taken.sort()
    return {
        "p50_ms": taken[len(taken) // 2] * 1000,
        "p99_ms": taken[int(len(taken) * 0.99)] * 1000,
        "max_ms": taken[-1] * 1000,
    }


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m bench.search", description="Measure searches on this machine.")
    parser.add_argument("--positions", default="15543,50000", help="how many, by comma (default %(default)s)")
    parser.add_argument("--rounds", type=int, default=1_000, help="searches of each kind (default %(default)s)")
    options = parser.parse_args()
    print("| positions | where | p50 | p99 | max | index |\n|---|---|---|---|---|---|")
    for count in map(int, options.positions.split(",")):
        day = fair(count)
        inside = in_process(day, options.rounds)
        print(
            f"| {count:,} | in process | {inside['p50_ms']:.1f} ms | {inside['p99_ms']:.1f} ms | "
            f"{inside['max_ms']:.1f} ms | made in {inside['made_s']:.1f} s, worst put {inside['worst_put_ms']:.1f} ms |"
        )
        outside = over_http(day, options.rounds)
        print(
            f"| {count:,} | over HTTP | {outside['p50_ms']:.1f} ms | {outside['p99_ms']:.1f} ms | "
            f"{outside['max_ms']:.1f} ms | filled {outside['filled_s']:.1f} s after the start, "
            f"worst wait {outside['worst_wait_ms']:.0f} ms |",
            flush=True,
        )


if __name__ == "__main__":
    main()
