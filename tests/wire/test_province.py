"""Two whole houses of one province, by their configuration alone: one PostgreSQL, one Redis, the same secrets."""

from pathlib import Path

import msgspec
import pytest
from websockets.asyncio.client import connect

from server.app import House
from server.assembling import Start
from server.config import BusSection, ConfigError, StoreSection
from server.core.limits import PROTOCOL_VERSION
from server.core.protocol import Hello, Push, Welcome
from tests.services import RedisServer
from tests.wire.houses import fill, make_config, serving
from tests.wire.hubs import Line, key, small_fair


async def test_a_card_pushed_in_one_house_is_seen_in_the_other(
    tmp_path: Path, postgres_url: str, redis_server: RedisServer
) -> None:
    config = make_config(
        tmp_path, store=StoreSection(url=postgres_url), bus=BusSection(kind="redis", url=redis_server.url)
    )
    async with serving(config) as here:
        there = House(config, Start(spread_s=0.0))
        await there.start()
        try:
            assert there.port != here.port
            token = here.tokens["guest"]  # signed by one, good at the other
            async with connect(f"ws://127.0.0.1:{there.port}/ws", compression=None, proxy=None) as link:
                line = Line(link)
                assert isinstance(await line.call(Hello(version=PROTOCOL_VERSION, token=token)), Welcome)
                await line.join("stage/S01")
                for fields in (
                    {"t": "go_live", "session": "S01", "key": key()},
                    {"t": "show_card", "session": "S01", "position": "P010", "key": key()},
                ):
                    answer = await here.call("POST", "/api/commands", token=here.tokens["host"], body=fields)
                    assert answer.status == 200, answer.body
                seen = await line.until(lambda message: isinstance(message, Push) and message.offset == 2)
            pushed = [message for message in seen if isinstance(message, Push)]
            assert [msgspec.msgpack.decode(push.body)["t"] for push in pushed] == ["state_changed", "card_shown"]
        finally:
            await there.stop()


async def test_a_further_house_needs_the_keys_of_the_first(tmp_path: Path, postgres_url: str) -> None:
    store = StoreSection(url=postgres_url)
    await fill(make_config(tmp_path / "one", store=store), small_fair())
    with pytest.raises(ConfigError, match=r"copy secrets\.env of its first hub"):
        await House(make_config(tmp_path / "two", store=store), Start()).start()
    assert not (tmp_path / "two" / "secrets.env").exists()
    (tmp_path / "two" / "secrets.env").write_bytes((tmp_path / "one" / "secrets.env").read_bytes())
    (tmp_path / "two" / "secrets.env").chmod(0o600)
    house = House(make_config(tmp_path / "two", store=store), Start(spread_s=0.0))
    await house.start()
    await house.stop()
