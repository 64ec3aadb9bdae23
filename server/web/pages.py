"""The pages' shells: HTML files of `clients/web/`, with title and description of the room for people who share it.

WeChat and search engines read title, description and the og: tags and run no script; so `/room/SESSION` carries its
own. Everything else a page shows it fetches itself.
"""

import hashlib
import html
import re
from collections.abc import Awaitable, Callable

from aiohttp import hdrs, web

from server.core.model import ON_AIR, Session, SessionId
from server.core.refusal import Code, Refusal
from server.store import catalogue_queries
from server.store.store import Store
from server.web.static import ASK_AGAIN, File, StaticFiles, file_answer

SHELLS = {
    "/": "viewer/index.html",
    "/host": "host/index.html",
    "/desk": "desk/index.html",
    "/screen": "screen/index.html",
}

_TITLE = re.compile(r"<title>.*?</title>", re.DOTALL)
_DESCRIPTION = re.compile(r'[ \t]*<meta name="description"[^>]*>\n?')
_HEAD_END = re.compile(r"</head>")

NOT_FOUND = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>没有这一页</title>
<link rel="stylesheet" href="/static/shared/tokens.css">
<link rel="stylesheet" href="/static/shared/components.css"></head>
<body><main class="state">
<h1>没有这一页</h1>
<p>链接可能写错了，或者这场直播已经撤下。</p>
<p><a class="btn btn--main" href="/">回到直播大厅</a></p>
<p class="quiet small" lang="en">There is no such page. <a href="/">Back to all halls</a></p>
</main></body></html>
"""

FindSession = Callable[[SessionId], Awaitable[Session | None]]


class Pages:
    """Serves the shells."""

    def __init__(self, *, static: StaticFiles, title: str, origin: str, find_session: FindSession) -> None:
        """`title`: the site's name; `origin`: its public address; `find_session`: reads a session, None for none."""
        self._static = static
        self._title = title
        self._origin = origin
        self._find_session = find_session

    async def page(self, request: web.Request) -> web.StreamResponse:
        """Handler of `/`, `/host`, `/desk`, `/screen`."""
        return await self._shell(request, SHELLS[request.path], self._title, "")

    async def room(self, request: web.Request) -> web.StreamResponse:
        """Handler of `/room/SESSION`: the viewer's shell under the room's own name."""
        session = await self._find_session(SessionId(request.match_info["session"]))
        if session is None:
            return not_found_page()
        title, text = share_words(session, self._title)
        return await self._shell(request, SHELLS["/"], title, text)

    async def _shell(self, request: web.Request, name: str, title: str, text: str) -> web.StreamResponse:
        shelf = await self._static.current()
        file = shelf.files.get(name)
        if file is None:
            return not_found_page()
        shell = self._static.versioned(shelf, file.plain.decode("utf-8"))
        if text:
            shell = with_share_words(shell, title, text, self._origin + request.path)
        body = shell.encode("utf-8")
        return file_answer(request, File("text/html", body, b"", hashlib.sha256(body).hexdigest()[:20]), ASK_AGAIN)


def optional_session(store: Store) -> FindSession:
    """Reads a session from that store, None where there is none."""

    async def find(session: SessionId) -> Session | None:
        try:
            return await store.read(catalogue_queries.session, session)
        except Refusal as refusal:
            if refusal.code is Code.NOT_FOUND:
                return None
            raise

    return find


def share_words(session: Session, site: str) -> tuple[str, str]:
    """Title and description of a room, as a person would announce it."""
    place = session.venue_name or site
    when = "正在直播" if session.state in ON_AIR else "直播招聘"
    return f"{session.title} · {site}", f"{place}{when}：看现场，听讲解，手机上直接投递，不用登录。"


def with_share_words(shell: str, title: str, text: str, address: str) -> str:
    """The shell with its title, description and og: tags replaced. All three are escaped here."""
    safe_title, safe_text, safe_address = (html.escape(value, quote=True) for value in (title, text, address))
    head = (
        f'<meta name="description" content="{safe_text}">\n'
        f'<meta property="og:title" content="{safe_title}">\n'
        f'<meta property="og:description" content="{safe_text}">\n'
        '<meta property="og:type" content="website">\n'
        f'<meta property="og:url" content="{safe_address}">\n'
    )
    shell = _TITLE.sub(lambda _: f"<title>{safe_title}</title>", shell, count=1)
    shell = _DESCRIPTION.sub("", shell)
    return _HEAD_END.sub(lambda _: head + "</head>", shell, count=1)


def not_found_page() -> web.Response:
    """What a person sees who followed a wrong link."""
    return web.Response(text=NOT_FOUND, status=404, content_type="text/html", headers={hdrs.CACHE_CONTROL: "no-store"})


@web.middleware
async def page_not_found(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """A 404 outside the API is a page, not JSON."""
    try:
        return await handler(request)
    except web.HTTPNotFound:
        if request.path.startswith(("/api/", "/static/")) or request.method not in ("GET", "HEAD"):
            raise
        return not_found_page()
