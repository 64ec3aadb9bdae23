"""Puts the doors of a house together from its parts; `app` opens and closes what needs it."""

from collections.abc import Callable
from importlib import metadata
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.actions.codes import Codes
from server.actions.joining import Joining
from server.apart.imports import Imports
from server.assembling.accounts import Accounts
from server.assembling.picture import Picture
from server.assembling.settings import code_policy, hub_settings
from server.assembling.start import Start, WorkerPlace
from server.assembling.trust import trust_of
from server.config import Config, origin_of
from server.core.model import RegionCode
from server.core.regions import RegionTree
from server.hub.hub import Hub
from server.jobs.telling import Telling, TellingJob
from server.opening import bus_of
from server.outside.counted import CountedSender
from server.outside.message import Sender
from server.secrets_file import Secrets
from server.store.store import Store
from server.web import contact_door, import_door
from server.web.broken_requests import BrokenRequests
from server.web.camera_door import CameraDoor
from server.web.consents import ConsentDoor
from server.web.contact_door import ContactDoor
from server.web.doors import Doors, FarProvince, SiteFacts
from server.web.entrance import Entrance
from server.web.exporting import ExportDoor
from server.web.far_door import FarDoor
from server.web.far_pages import FarPages
from server.web.finding import FindingDoor
from server.web.gates import Gates
from server.web.guard import Guard
from server.web.health import HealthDoor
from server.web.issuing import Issuer
from server.web.joining import JoinDoor
from server.web.metrics import Metrics
from server.web.metrics_families import Families
from server.web.origin import Callers, Origins, own_origins
from server.web.pages import LOCALES, Pages
from server.web.passing import Passing
from server.web.plain.applying import PlainApplying
from server.web.plain.crawlers import Crawlers
from server.web.plain.languages import Languages, locale_files
from server.web.plain.listing import Site
from server.web.plain.pages import Makings, PlainPages
from server.web.plain.printing import Printing
from server.web.plain.sorry import Sorry
from server.web.plain.words import read_table
from server.web.rationing import Ration, Rations
from server.web.security import SecurityHeaders
from server.web.sharing import ShareDoor
from server.web.signin import SignIn
from server.web.site import Parts
from server.web.static import StaticFiles
from server.web.wall_door import WallDoor

WEB_FILES = Path(__file__).resolve().parents[2] / "clients" / "web"
VERSION = metadata.version("daigang")
JOINS_PER_S, JOINS_BURST = 1.0, 100
"""Requests of `/join` from one address: the HR of a whole hall may sit behind one."""
FAR_TOKENS_PER_S, FAR_TOKENS_BURST = 0.2, 40
"""Tokens for other provinces of one person: for each of 30 at once, and later as often as a few tabs want them."""


class Assembly:
    """The hub and the doors around it. Nothing here opens, listens or closes."""

    def __init__(
        self,
        config: Config,
        start: Start,
        store: Store,
        secrets: Secrets,
        tree: RegionTree,
        origin: str,
        port: int,
        sender: Sender,
        clock_ms: Callable[[], int],
    ) -> None:
        """`origin`: the public address of the house, `port`: where it listens."""
        self._config = config
        self._start = start
        self._store = store
        self._secrets = secrets
        self._tree = tree
        self._origin = origin
        self._port = port
        self._clock_ms = clock_ms
        limits = config.limits
        key = Ed25519PrivateKey.from_private_bytes(secrets.signing_seed)
        homes = {code: origin_of(other.url, code) for code, other in config.provinces.items()}
        self._provinces = frozenset(homes.values())
        self.callers = Callers(behind_proxy=config.server.behind_proxy)
        self._rations = Rations(self._clock_s, start.worker.count if start.worker else 1)
        self.gates = Gates(self.callers, config.sender.codes_per_hour, self._rations)
        self.passing = self._passing(start.worker)
        self._sender = CountedSender(sender)
        self.codes = Codes(store, self._sender, code_policy(config, origin, shown=start.demo))
        self.hub = Hub(
            store=store,
            bus=bus_of(config),
            tree=tree,
            province=RegionCode(config.province.code),
            consent=config.consent.version,
            settings=hub_settings(config),
            clock_ms=clock_ms,
            verify=trust_of(config, key, clock_ms).verify,
            codes=self.codes,
            homes=homes,
            gates=self.gates,
        )
        self.picture = Picture(config, store, tree, origin, clock_ms, secrets.cdn_keys, start.worker)
        if self.passing is not None:
            self.picture.inlets.owns = self.passing.owns
        self.hub.pulse.pictures.here = self.picture.states
        self.hub.pulse.looks.here = self.picture.broadcasts.looks
        self.issuer = Issuer(
            key=key,
            clock_ms=clock_ms,
            guest_days=config.tokens.guest_days,
            staff_hours=config.tokens.staff_hours,
            province=config.province.code if homes else "",
            others=frozenset(homes),
        )
        self.guard = Guard(
            request_s=limits.request_s,
            strangers=self.hub.settings.strangers,
            unread=frozenset({import_door.PATH, contact_door.PATH}),
        )
        self.broken_requests = BrokenRequests()
        # A directory for each hub: several may share one var directory.
        own = f"-{start.worker.number}" if start.worker else ""
        place = Path(config.server.var_dir) / f"imports-{port}{own}"
        self.imports = Imports(store, lambda: tuple(tree), place, clock_ms)

    def _passing(self, worker: WorkerPlace | None) -> Passing | None:
        if worker is None:
            return None
        return Passing(
            number=worker.number,
            count=worker.count,
            directory=Path(worker.directory),
            callers=self.callers,
        )

    async def parts(self) -> Parts:
        """The doors, ready to be put into a site."""
        config = self._config
        own = own_origins(self._origin, self._port)
        callers = self.callers
        static = StaticFiles(WEB_FILES, fresh=self._start.dev)
        await static.load()
        finding = FindingDoor(hub=self.hub, store=self._store, tree=self._tree, callers=callers, rations=self._rations)
        pages = Pages(static=static, origin=self._origin)
        guests = self._rations.of_address(config.limits.guests_per_s, config.limits.guests_burst)
        makings = self._makings(static, finding, pages, guests)
        others = self._provinces | self.picture.play_origins()
        return Parts(
            doors=Doors(hub=self.hub, store=self._store, tree=self._tree, facts=self._facts(), rations=self._rations),
            far=FarDoor(self.hub, self._facts().provinces),
            imports=import_door.ImportDoor(hub=self.hub, store=self._store, tree=self._tree, imports=self.imports),
            entrance=self._entrance(callers, guests),
            finding=finding,
            consents=ConsentDoor(config.licence.name),
            exporting=ExportDoor(hub=self.hub, store=self._store),
            pages=pages,
            plain=PlainPages(makings),
            plain_applying=PlainApplying(makings),
            crawlers=Crawlers(makings),
            joining=self._join_door(callers),
            printing=Printing(makings),
            sorry=Sorry(pages, makings.languages),
            sharing=ShareDoor(origin=self._origin, callers=callers, rations=self._rations),
            contacts=ContactDoor(
                hub=self.hub, store=self._store, tree=self._tree, imports=self.imports, clock_ms=self._clock_ms
            ),
            static=static,
            health=HealthDoor(store=self._store, hub=self.hub, version=VERSION),
            metrics=Metrics(
                self._families(),
                var=Path(config.server.var_dir),
                token=self._secrets.metrics_token,
                passing=self.passing,
            ),
            guard=self.guard,
            origins=Origins(own | frozenset(config.server.origins), self._provinces),
            headers=SecurityHeaders(origins=own, tls=self._origin.startswith("https://"), provinces=others),
            far_pages=FarPages(self._provinces) if self._provinces else None,
            websocket=self.hub.websocket,
            media=self.picture.media_door(self.hub),
            live=self.picture.live_door(self.hub.verify, self._tree),
            camera=CameraDoor(
                cameras=self.picture.cameras,
                verify=self.hub.verify,
                callers=callers,
                origin=self._origin,
                rations=self._rations,
            ),
            replay=self.picture.replay_door(),
            clips=self.picture.clip_door(),
            recordings=self.picture.recordings_door(self.hub, self._tree),
            wall=WallDoor(hub=self.hub, store=self._store, tree=self._tree),
            hls=self.picture.hls_door(),
            passing=self.passing,
            encoders=self.picture.encoder_doors(self.hub, self._secrets, self.passing),
        )

    def _families(self) -> Families:
        sides = self.picture.sides
        return Families(
            hub=self.hub,
            store=self._store,
            guard=self.guard,
            broken=self.broken_requests,
            messages=self._sender,
            sides=sides,
            version=VERSION,
        )

    def telling(self) -> TellingJob:
        """The job that tells phones what no page received."""
        per_hour, sign = self.codes.policy.messages_per_hour, self._config.province.title
        words = Telling(sign=sign, link=f"{self._origin}/#mine", per_hour=per_hour)
        return TellingJob(self._store, self._sender, words, self.hub.id, self._clock_ms)

    def _makings(self, static: StaticFiles, finding: FindingDoor, pages: Pages, guests: Ration) -> Makings:
        config = self._config
        files = static.shelf.files
        tables = {locale: read_table(files[name].plain for name in locale_files(locale)) for locale in LOCALES}
        return Makings(
            hub=self.hub,
            store=self._store,
            tree=self._tree,
            finding=finding,
            pages=pages,
            issuer=self.issuer,
            guests=guests,
            rations=self._rations,
            callers=self.callers,
            languages=Languages(tables),
            site=Site(
                title=config.province.title,
                consent=config.consent.version,
                holder=config.licence.name,
                number=config.licence.number,
            ),
            origin=self._origin,
            provinces={one.code: one for one in self._facts().provinces},
        )

    def _facts(self) -> SiteFacts:
        config = self._config
        return SiteFacts(
            title=config.province.title,
            region=RegionCode(config.province.code),
            demo=self._start.demo,
            consent=config.consent.version,
            confirmation=config.phone_confirmation,
            video=self.picture.broadcasts.able,
            licence=config.licence,
            provinces=tuple(
                FarProvince(code=code, title=other.title, url=origin_of(other.url, code))
                for code, other in config.provinces.items()
            ),
        )

    def _clock_s(self) -> float:
        return self._clock_ms() / 1000

    def _join_door(self, callers: Callers) -> JoinDoor:
        return JoinDoor(
            joining=Joining(self._store, self.codes),
            issuer=self.issuer,
            callers=callers,
            ration=self._rations.of_address(JOINS_PER_S, JOINS_BURST),
            clock_ms=self._clock_ms,
        )

    def _entrance(self, callers: Callers, guests: Ration) -> Entrance:
        accounts = Accounts(self._store, self._clock_ms)
        return Entrance(
            issuer=self.issuer,
            sign_in=SignIn(find=accounts.of_login, tries=self._config.limits.sign_in_tries, rations=self._rations),
            callers=callers,
            guests=guests,
            far_tokens=Ration(FAR_TOKENS_PER_S, FAR_TOKENS_BURST, self._clock_s),
            verify=self.hub.verify,
            find_person=accounts.of_person,
            find_name=accounts.of_name,
            signed_in=accounts.signed_in,
            demo=self._start.demo,
        )
