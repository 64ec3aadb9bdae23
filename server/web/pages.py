"""The pages' shells: HTML files of `clients/web/`, with title, description and content for who runs no script.

WeChat and search engines read title, description and the og: tags, so every address of the viewer has its own. What
stands in the shell comes from `server.web.plain`; where scripts run, the app takes over.
"""

import gzip
import hashlib
import html
import re
from collections import OrderedDict

import msgspec
from aiohttp import hdrs, web

from server.core.refusal import Code, Refusal
from server.web.static import ASK_AGAIN, File, StaticFiles, file_answer

VIEWER = "viewer/index.html"
CARD = "viewer/card.png"
"""What stands beside a shared link, 600 x 600; WeChat wants at least 300."""
SHELLS = {
    "/host": "host/index.html",
    "/desk": "desk/index.html",
    "/screen": "screen/index.html",
    "/join": "join/index.html",
    "/camera": "camera/index.html",
}

LOCALES = ("zh-CN", "en")
"""The languages of the pages; the shells are written in the first."""

_LANG = re.compile(r'<html lang="[^"]*">')
_TITLE = re.compile(r"<title>.*?</title>", re.DOTALL)
_DESCRIPTION = re.compile(r'[ \t]*<meta name="description"[^>]*>\n?')
_CONTENT = re.compile(r'<div id="app">.*?</div>', re.DOTALL)
_HEAD_END = re.compile(r"</head>")

FILES_KEPT = 64
PACK_FROM = 1024
PACK_UP_TO = 256 * 1024
"""Bytes between which a page is gzipped: at level 1 the largest takes 2 ms."""

PLAIN = """<!doctype html>
<html lang="{locale}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<title>{title}</title>
<meta name="robots" content="noindex">
<link rel="icon" type="image/svg+xml" href="/static/viewer/icon.svg">
<link rel="stylesheet" href="/static/shared/tokens.css">
<link rel="stylesheet" href="/static/shared/components.css">
<link rel="stylesheet" href="/static/viewer/viewer.css"></head>
<body>{content}</body></html>
"""


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What those read who run no script: title, description, the page's one path, more of the head (HTML), the
    language of all this, and the address of a picture of its own."""

    title: str
    text: str
    path: str
    more: str = ""
    locale: str = LOCALES[0]
    picture: str = f"/static/{CARD}"

    def address(self, origin: str, locale: str) -> str:
        """Where this page is found in that language; the first one is what stands there when nothing is said."""
        return origin + self.path + ("" if locale == LOCALES[0] else f"?lang={locale}")


class Pages:
    """Serves the shells; the viewer's with content in it, made by `server.web.plain`."""

    def __init__(self, *, static: StaticFiles, origin: str) -> None:
        """`origin`: the site's public address."""
        self._static = static
        self._origin = origin
        self._files: OrderedDict[str, File] = OrderedDict()

    async def page(self, request: web.Request) -> web.StreamResponse:
        """Handler of `/host`, `/desk`, `/screen`."""
        shelf = await self._static.current()
        file = shelf.files.get(SHELLS[request.path])
        if file is None:
            raise Refusal(Code.NOT_FOUND, what="address")
        return self.answer(request, self._static.versioned(shelf, file.plain.decode("utf-8")))

    async def viewer(self, head: Head, content: str | None) -> str:
        """The viewer's shell under that head. The content (HTML) is what stands there until the app takes over, and
        what there is for who runs no script."""
        shelf = await self._static.current()
        shell = self._static.versioned(shelf, shelf.files[VIEWER].plain.decode("utf-8"))
        shell = _LANG.sub(f'<html lang="{head.locale}">', shell, count=1)
        shell = with_share_words(shell, head, self._origin)
        picture = f'<meta property="og:image" content="{self._origin}{html.escape(head.picture)}">'
        shell = _HEAD_END.sub(lambda _: picture + "\n</head>", shell, count=1)
        shell = _HEAD_END.sub(lambda _: head.more + "</head>", shell, count=1)
        return shell if content is None else _CONTENT.sub(lambda _: f'<div id="app">{content}</div>', shell, count=1)

    async def plain(self, title: str, content: str, locale: str) -> str:
        """A page without scripts, in the viewer's looks: an answer to a form, which nothing takes over."""
        shelf = await self._static.current()
        return self._static.versioned(shelf, PLAIN.format(title=html.escape(title), content=content, locale=locale))

    def answer(self, request: web.Request, text: str, *, status: int = 200, cache: str = ASK_AGAIN) -> web.Response:
        """A page as an answer; 304 for who has it."""
        body = text.encode("utf-8")
        if status != 200 or cache != ASK_AGAIN:
            return web.Response(
                body=body, status=status, content_type="text/html", charset="utf-8", headers={hdrs.CACHE_CONTROL: cache}
            )
        return file_answer(request, self._file(text, body), ASK_AGAIN)

    def _file(self, text: str, body: bytes) -> File:
        """The page as a file. One that many ask for is packed once."""
        file = self._files.get(text)
        if file is None:
            packed = gzip.compress(body, compresslevel=1, mtime=0) if PACK_FROM < len(body) <= PACK_UP_TO else b""
            file = self._files[text] = File("text/html", body, packed, hashlib.sha256(body).hexdigest()[:20])
            if len(self._files) > FILES_KEPT:
                self._files.popitem(last=False)
        return file


def with_share_words(shell: str, head: Head, origin: str) -> str:
    """The shell with its title, description, og: tags and addresses replaced. All of them are escaped here."""
    title, text, address = (
        html.escape(value, quote=True) for value in (head.title, head.text, head.address(origin, head.locale))
    )
    others = [(locale, head.address(origin, locale)) for locale in LOCALES]
    alternates = "".join(
        f'<link rel="alternate" hreflang="{locale}" href="{html.escape(other, quote=True)}">\n'
        for locale, other in [*others, ("x-default", others[0][1])]
    )
    words = (
        f'<meta name="description" content="{text}">\n'
        f'<meta property="og:title" content="{title}">\n'
        f'<meta property="og:description" content="{text}">\n'
        '<meta property="og:type" content="website">\n'
        f'<meta property="og:url" content="{address}">\n'
        f'<link rel="canonical" href="{address}">\n'
    )
    shell = _TITLE.sub(lambda _: f"<title>{title}</title>", shell, count=1)
    shell = _DESCRIPTION.sub("", shell)
    return _HEAD_END.sub(lambda _: words + alternates + "</head>", shell, count=1)
