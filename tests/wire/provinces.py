"""Two provinces, each with a house, a database and a Redis of its own, that trust each other; between them a link that
can be cut."""

import contextlib
import re
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.assembling.trust import public_text
from server.config import BusSection, Config, Consent, OtherProvince, Province
from server.core.catalogue import Catalogue
from server.core.model import RegionCode
from server.opening import secrets_of
from tests.faults.link import FaultLink
from tests.services import RedisServer, free_port
from tests.wire.houses import HouseUnderTest, make_config, serving
from tests.wire.hubs import small_fair
from tests.wire.senders import KeptMessages

HERE, THERE = "220000", "210000"
HANDBOOK = Path(__file__).parents[2] / "docs" / "operations.md"


def far_user(province: str, other: str) -> str:
    """What the handbook lets a hub of that other province do in this one's Redis, as one command."""
    text = HANDBOOK.read_text("utf-8")
    start = text.index("ACL SETUSER far-")
    words = " ".join(text[start : text.index("\n\n", start)].split())
    own = {"220000": province, "210000": other, "PASSWORD": "pass"}
    return re.sub("|".join(own), lambda found: own[found[0]], words)


def fair_of(province: str, sessions: int = 2) -> Catalogue:
    """The small fair, at home in that province."""

    def moved(code: str) -> RegionCode:
        return RegionCode(province[:2] + code[2:])

    fair = small_fair(sessions)
    replace = msgspec.structs.replace
    return replace(
        fair,
        fair=replace(fair.fair, region=moved(fair.fair.region)),
        regions=tuple(
            replace(r, code=moved(r.code), parent=moved(r.parent) if r.parent else r.parent) for r in fair.regions
        ),
        venues=tuple(replace(v, region=moved(v.region)) for v in fair.venues),
        enterprises=tuple(replace(e, region=moved(e.region)) for e in fair.enterprises),
        sessions=tuple(replace(s, region=moved(s.region)) for s in fair.sessions),
        positions=tuple(replace(p, region=moved(p.region)) for p in fair.positions),
        shelves={
            name: tuple(replace(s, position=replace(s.position, region=moved(s.position.region))) for s in slots)
            for name, slots in fair.shelves.items()
        },
    )


async def far_token(house: HouseUnderTest, token: str, province: str) -> str:
    """What whoever has that token at home shows in the other province."""
    answer = await house.call("POST", "/api/tokens/for", token=token, body={"province": province})
    assert answer.status == 200, answer.json
    return str(answer.json["token"])


class Pair:
    """`here` watches, `there` is watched; `link` is how `here` reaches the Redis there. `messages_there`: what went out
    to phones from there; a house here sends none."""

    def __init__(
        self, here: HouseUnderTest, there: HouseUnderTest, link: FaultLink, messages_there: KeptMessages
    ) -> None:
        self.here = here
        self.there = there
        self.link = link
        self.messages_there = messages_there


@contextlib.asynccontextmanager
async def two_provinces(
    tmp_path: Path, redis_here: RedisServer, redis_there: RedisServer, *, consent_there: str = ""
) -> AsyncIterator[Pair]:
    """`consent_there`: the version in force there, where it is another than here."""
    servers = {HERE: redis_here, THERE: redis_there}
    bare: dict[str, Config] = {}
    for code in (HERE, THERE):
        made = make_config(
            tmp_path / code, province=Province(code=code), bus=BusSection(kind="redis", url=servers[code].url)
        )
        if consent_there and code == THERE:
            made = msgspec.structs.replace(made, consent=Consent(version=consent_there))
        bare[code] = msgspec.structs.replace(made, server=msgspec.structs.replace(made.server, port=free_port()))
        servers[code].command(far_user(code, THERE if code == HERE else HERE))
    async with FaultLink("127.0.0.1", redis_there.port) as link:
        ports = {HERE: redis_here.port, THERE: link.port}
        configs = {
            one: msgspec.structs.replace(bare[one], provinces={other: _other(bare[other], ports[other], one)})
            for one, other in ((HERE, THERE), (THERE, HERE))
        }
        messages = KeptMessages()
        async with (
            serving(configs[THERE], catalogue=fair_of(THERE), sender=messages) as there,
            serving(configs[HERE], catalogue=fair_of(HERE)) as here,
        ):
            yield Pair(here, there, link, messages)


def _other(config: Config, redis_port: int, home: str) -> OtherProvince:
    seed = secrets_of(config).signing_seed
    return OtherProvince(
        title=config.province.code,
        url=f"http://127.0.0.1:{config.server.port}",
        key=public_text(Ed25519PrivateKey.from_private_bytes(seed)),
        redis=f"redis://far-{home}:pass@127.0.0.1:{redis_port}/0",
    )
