"""nginx as shipped in front of two hubs (promise 17 over two hubs): each is stopped by SIGTERM and started again while
cards and applications flow; nobody loses or doubles anything. And what it keeps, and what it keeps back."""

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.flowing import Flow
from tests.faults.front import Front, get
from tests.faults.processes import HubProcess, hub_process
from tests.services import RedisServer

log = logging.getLogger(__name__)
pytestmark = pytest.mark.faults

NGINX_FORGIVES_S = 1.5
"""fail_timeout of deploy/nginx.conf, and a little: until then a hub that is back is still left out."""


@pytest.fixture
def province(
    tmp_path: Path, postgres_url: str, redis_server: RedisServer
) -> Iterator[tuple[Front, HubProcess, HubProcess]]:
    environ = {"DAIGANG_STORE_URL": postgres_url, "DAIGANG_REDIS_URL": redis_server.url}
    config = tmp_path / "config.yaml"
    environ["DAIGANG_CONFIG"] = str(config)
    with hub_process(tmp_path / "var", environ, "one") as one, hub_process(tmp_path / "var", environ, "other") as other:
        front = Front([one.port, other.port])
        config.write_text(f"server: {{public_url: 'http://127.0.0.1:{front.port}', behind_proxy: true}}\n", "utf-8")
        try:
            yield front, one, other
        finally:
            front.close()


async def test_hubs_go_and_come_behind_nginx_and_nobody_loses_anything(
    province: tuple[Front, HubProcess, HubProcess], postgres_url: str
) -> None:
    front, one, other = province
    await one.start()
    await other.start()
    front.start()
    flow = Flow(f"http://127.0.0.1:{front.port}", demo=one.url)
    await flow.begin(viewers=16)
    async with flow.flowing():
        for hub in (one, other):
            await asyncio.sleep(NGINX_FORGIVES_S)
            assert await hub.terminate() == 0
            await hub.start()
    await flow.whole()
    stored = flow.stored(postgres_url)
    assert set(stored) == set(flow.receipts)
    assert len(stored) > 10
    # For a second nginx may leave out both: then it is asked again with the same key, and that is all anybody notices.
    log.warning("%d of %d askings had to be repeated", len(flow.refused), len(stored) * 2 + flow.shown)
    await flow.end()

    page = await flow.doors.session("S01")
    shelf = f"/api/sessions/S01/shelf/{page.session.shelf_revision}"
    kept = [await asyncio.to_thread(get, front.port, path) for path in (shelf, shelf, "/api/fair", "/api/fair")]
    assert [(status, cache) for status, cache, _ in kept][1:] == [(200, "HIT"), (200, ""), (200, "")]
    assert kept[0][2] == kept[1][2]
    zipped = await asyncio.to_thread(get, front.port, shelf, **{"Accept-Encoding": "gzip"})
    assert zipped[2][:2] == b"\x1f\x8b"
    for path in ("/metrics", "/api/demo"):
        assert (await asyncio.to_thread(get, front.port, path))[0] == 404
