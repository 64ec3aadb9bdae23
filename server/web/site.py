"""Puts the doors together: which address is answered by whom, and through which checks a request comes."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from server.core.limits import MAX_IN_BYTES
from server.web import contact_door, security
from server.web.answers import Handler, in_one_shape
from server.web.camera_door import CameraDoor
from server.web.clip_door import ClipDoor
from server.web.consents import ConsentDoor
from server.web.contact_door import ContactDoor
from server.web.doors import Doors
from server.web.encoder_doors import EncoderDoors
from server.web.entrance import Entrance
from server.web.exporting import ExportDoor
from server.web.far_door import FarDoor
from server.web.far_pages import FarPages
from server.web.finding import FindingDoor
from server.web.guard import Guard
from server.web.health import HealthDoor
from server.web.hls import HlsDoor
from server.web.import_door import ImportDoor
from server.web.joining import JoinDoor
from server.web.live_door import LiveDoor
from server.web.media_door import MediaDoor
from server.web.metrics import Metrics
from server.web.origin import Origins
from server.web.pages import SHELLS, Pages
from server.web.passing import Passing
from server.web.plain.applying import PlainApplying
from server.web.plain.crawlers import Crawlers
from server.web.plain.pages import PlainPages
from server.web.plain.printing import Printing
from server.web.plain.sorry import Sorry
from server.web.recordings_door import RecordingsDoor
from server.web.replay import ReplayDoor
from server.web.security import SecurityHeaders
from server.web.sharing import ShareDoor
from server.web.static import StaticFiles
from server.web.wall_door import WallDoor


class Parts:
    """What a site is made of."""

    def __init__(
        self,
        *,
        doors: Doors,
        far: FarDoor,
        imports: ImportDoor,
        entrance: Entrance,
        joining: JoinDoor,
        contacts: ContactDoor,
        finding: FindingDoor,
        consents: ConsentDoor,
        exporting: ExportDoor,
        pages: Pages,
        plain: PlainPages,
        plain_applying: PlainApplying,
        crawlers: Crawlers,
        printing: Printing,
        sorry: Sorry,
        sharing: ShareDoor,
        static: StaticFiles,
        health: HealthDoor,
        metrics: Metrics,
        guard: Guard,
        origins: Origins,
        headers: SecurityHeaders,
        websocket: Callable[[web.Request], Awaitable[web.StreamResponse]],
        media: MediaDoor,
        live: LiveDoor,
        camera: CameraDoor,
        hls: HlsDoor,
        replay: ReplayDoor,
        encoders: EncoderDoors,
        clips: ClipDoor,
        recordings: RecordingsDoor,
        wall: WallDoor,
        passing: Passing | None = None,
        far_pages: FarPages | None = None,
    ) -> None:
        """`passing`: there are other workers behind the same port. `far_pages`: there are other provinces."""
        self.doors = doors
        self.far = far
        self.imports = imports
        self.entrance = entrance
        self.joining = joining
        self.contacts = contacts
        self.finding = finding
        self.consents = consents
        self.exporting = exporting
        self.pages = pages
        self.plain = plain
        self.plain_applying = plain_applying
        self.crawlers = crawlers
        self.printing = printing
        self.sorry = sorry
        self.sharing = sharing
        self.static = static
        self.health = health
        self.metrics = metrics
        self.guard = guard
        self.origins = origins
        self.headers = headers
        self.websocket = websocket
        self.media = media
        self.live = live
        self.camera = camera
        self.hls = hls
        self.replay = replay
        self.passing = passing
        self.far_pages = far_pages
        self.clips = clips
        self.recordings = recordings
        self.encoders = encoders
        self.wall = wall


def make_site(parts: Parts) -> web.Application:
    """The application. Checks from outside in: shape of errors, deadline and body, Origin."""

    @web.middleware
    async def known_origin(request: web.Request, handler: Handler) -> web.StreamResponse:
        # Reading is for everybody; what acts, and the websockets, are for our own pages and for programs.
        if request.method not in ("GET", "HEAD") or request.path in ("/ws", "/media", "/live"):
            parts.origins.require(request)
        return await handler(request)

    passing = [parts.passing.middleware] if parts.passing is not None else []
    far_pages = [parts.far_pages.middleware] if parts.far_pages is not None else []
    site = web.Application(
        middlewares=[*far_pages, in_one_shape(parts.sorry), parts.guard.middleware, known_origin, *passing],
        client_max_size=MAX_IN_BYTES,
    )
    security.install(site, parts.headers)
    _add_routes(site.router, parts)
    return site


def _add_routes(router: web.UrlDispatcher, parts: Parts) -> None:
    doors, entrance, pages = parts.doors, parts.entrance, parts.pages
    router.add_get("/ws", parts.websocket, allow_head=False)
    router.add_get("/media", parts.media.get, allow_head=False)
    router.add_get("/live", parts.live.get, allow_head=False)
    router.add_post("/api/sessions/{session}/camera", parts.camera.offer)
    router.add_post("/api/sessions/{session}/camera/revoke", parts.camera.revoke)
    router.add_post("/api/camera", parts.camera.pair)
    router.add_get("/hls/{session}/index.m3u8", parts.hls.playlist)
    router.add_get("/hls/{session}/sound.m3u8", parts.hls.sound_playlist)
    router.add_get("/hls/{session}/still.jpg", parts.hls.still)
    router.add_get("/hls/{session}/{take}/{file}", parts.hls.file)
    router.add_get("/api/sessions/{session}/replay", parts.replay.about)
    router.add_get("/api/sessions/{session}/replay/chat/{n:[0-9]{1,4}}", parts.replay.chat)
    router.add_get("/replay/{session}/clip-{moment:[0-9]{1,15}}.mp4", parts.clips.get)
    router.add_get("/api/wall", parts.wall.get)
    router.add_get("/api/recordings", parts.recordings.all)
    router.add_post("/api/recordings/{session}/{what:hide|show|delete}", parts.recordings.decide)
    router.add_get("/replay/{session}/index.m3u8", parts.replay.playlist)
    router.add_get("/replay/{session}/{take}/{file}", parts.replay.file)
    parts.encoders.add_to(router)
    router.add_get("/healthz", parts.health.alive)
    router.add_get("/readyz", parts.health.ready)
    router.add_get("/metrics", parts.metrics.get)
    router.add_get("/api/setup", doors.setup)
    router.add_get("/api/fair", doors.fair)
    router.add_get("/api/regions", doors.regions)
    router.add_get("/api/provinces", parts.far.all)
    router.add_get("/api/provinces/{province}", parts.far.one)
    router.add_get("/api/sessions/{session}", doors.session)
    router.add_get("/api/sessions/{session}/shelf/{revision}", doors.shelf)
    router.add_get("/api/enterprises/{enterprise}", doors.enterprise)
    finding = parts.finding
    router.add_get("/api/positions", finding.search)
    router.add_get("/api/positions/{position}", finding.position)
    router.add_get("/api/positions/{position}/picture.png", finding.picture)
    router.add_get("/api/venues/{venue}/{number}", finding.numbered)
    router.add_get("/api/sources", finding.sources)
    router.add_get("/api/consent/{version}", parts.consents.get)
    router.add_post("/api/enterprises/{enterprise}/export", parts.exporting.post)
    router.add_post("/api/commands", doors.commands)
    router.add_post("/api/import", parts.imports.upload)
    router.add_get("/api/import/template.xlsx", parts.imports.template)
    router.add_get("/api/import/{import}/rows/{page}", parts.imports.rows)
    router.add_get("/api/import/{import}/corrections.xlsx", parts.imports.corrections)
    router.add_post("/api/import/{import}/confirm", parts.imports.confirm)
    router.add_post("/api/guest", entrance.guest)
    router.add_post("/api/sign-in", entrance.by_password)
    router.add_post("/api/renew", entrance.renew)
    router.add_post("/api/tokens/for", entrance.far_token)
    router.add_post("/api/demo", entrance.demo)
    router.add_post(contact_door.PATH, parts.contacts.upload)
    router.add_post("/api/join/look", parts.joining.look)
    router.add_post("/api/join/code", parts.joining.code)
    router.add_post("/api/join", parts.joining.join)
    for path in SHELLS:
        router.add_get(path, pages.page)
    router.add_get("/static/{path:.+}", parts.static.get)
    _add_plain(router, parts)


def _add_plain(router: web.UrlDispatcher, parts: Parts) -> None:
    plain, crawlers = parts.plain, parts.crawlers
    router.add_get("/", plain.portal)
    router.add_get("/room/{session}", plain.room)
    router.add_get("/position/{position}", plain.position)
    router.add_post("/position/{position}/apply", parts.plain_applying.apply)
    router.add_get("/print/room/{session}", parts.printing.room)
    router.add_get("/print/position/{position}", parts.printing.position)
    router.add_get("/api/qr", parts.sharing.qr)
    router.add_get("/robots.txt", crawlers.robots)
    router.add_get("/sitemap.xml", crawlers.sitemap)
    router.add_get("/sitemap-{part}.xml", crawlers.sitemap_part)
    # Last: any two steps of which the second is a number are a venue and what stands under that number on its shelf.
    router.add_get(r"/{venue}/{number:[0-9]{1,9}}", plain.numbered)
