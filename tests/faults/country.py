"""Three provinces as real processes: a hub, a database and a Redis each, that watch each other's sessions over lines
with a delay that can be cut."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.assembling.trust import public_text
from server.core.catalogue import Catalogue
from server.core.model import Grant, Role
from tests.faults.link import Fault, FaultLink
from tests.faults.processes import HubProcess, daigang, hub_process, known_keys
from tests.services import RedisServer
from tests.wire.hubs import token
from tests.wire.provinces import fair_of, far_user

LINE_S = 0.03
"""From one province to another's Redis, one way."""


class Province(msgspec.Struct, frozen=True):
    """One of them. `links`: how hubs of each other province reach this one's Redis."""

    code: str
    hub: HubProcess
    fair: Catalogue
    store_url: str
    signing: Ed25519PrivateKey
    links: Mapping[str, FaultLink]

    @property
    def halls(self) -> list[str]:
        return [session.id for session in self.fair.sessions]

    def person(self, name: str, *grants: Grant) -> str:
        """A token of somebody at home here."""
        return token(name, *grants, signing=self.signing, lasts_s=3_600)

    def host(self, hall: str) -> str:
        return self.person(f"host-{hall}", Grant(role=Role.HOST, scope=hall))

    def stage(self, hall: str, seen_from: "Province") -> str:
        """The channel's name there."""
        return f"stage/{hall}" if seen_from is self else f"stage/{hall}@{self.code}"


class Country:
    """All of them."""

    def __init__(self, provinces: list[Province]) -> None:
        self.provinces = provinces

    def cut_off(self, province: Province) -> None:
        """It hears nobody and nobody hears it; within it all goes on."""
        for link in self._around(province):
            link.fault = Fault.BLACKHOLE

    def join_again(self, province: Province) -> None:
        for link in self._around(province):
            link.fault = Fault.DELAY
            link.reset()  # what was swallowed is missing in the middle

    def _around(self, province: Province) -> list[FaultLink]:
        theirs = [one.links[province.code] for one in self.provinces if one is not province]
        return [*province.links.values(), *theirs]


@contextlib.asynccontextmanager
async def country(tmp_path: Path, halls: Mapping[str, int]) -> AsyncIterator[Country]:
    """Provinces with so many halls each, serving."""
    async with contextlib.AsyncExitStack() as stack:
        made: list[Province] = []
        for code, count in halls.items():
            redis = RedisServer()
            stack.callback(redis.close)
            await asyncio.to_thread(redis.start)
            links: dict[str, FaultLink] = {}
            for other in halls:
                if other != code:
                    redis.command(far_user(code, other))
                    link = await stack.enter_async_context(FaultLink("127.0.0.1", redis.port))
                    link.delay_s, link.fault = LINE_S, Fault.DELAY
                    links[other] = link
            var = tmp_path / code
            signing = Ed25519PrivateKey.generate()
            known_keys(var, signing)
            environ = {"DAIGANG_CONFIG": str(var / "config.yaml"), "DAIGANG_REDIS_URL": redis.url}
            hub = stack.enter_context(hub_process(var, environ, arguments=()))
            fair = fair_of(code, count)
            made.append(Province(code, hub, fair, f"sqlite:///{var}/daigang.db", signing, links))
        for province in made:
            _settle(province, [other for other in made if other is not province])
        for province in made:
            await asyncio.to_thread(_import, province)
            await province.hub.start()
        yield Country(made)


def _settle(province: Province, others: list[Province]) -> None:
    """Its configuration, with whom it trusts."""
    lines = [f'province: {{code: "{province.code}", title: "{province.code}"}}', "provinces:"]
    for other in others:
        key = public_text(other.signing)
        redis = f"redis://far-{province.code}:pass@127.0.0.1:{other.links[province.code].port}/0"
        lines.append(
            f'  "{other.code}": {{title: "{other.code}", url: "{other.hub.url}", key: "{key}", redis: "{redis}"}}'
        )
    (province.hub.var_dir / "config.yaml").write_text("\n".join(lines) + "\n", "utf-8")


def _import(province: Province) -> None:
    file = province.hub.var_dir / "fair.json"
    file.write_bytes(msgspec.json.encode(province.fair))
    done = daigang(province.hub.var_dir, "import", str(file), **province.hub.environ)
    assert done.returncode == 0, done.stderr
