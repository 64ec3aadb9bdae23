"""The files of `clients/web/`, read once and served from memory, also gzipped.

Every file has two addresses: `/static/PATH` (asked again each time, answered 304 when unchanged) and, for pages,
`/static/v-HASH/PATH` with the hash of all files together: cached for ever, because another hub version has another
hash. Relative imports of ES modules stay below the hash by themselves.
"""

import asyncio
import gzip
import hashlib
import re
from pathlib import Path

import msgspec
from aiohttp import hdrs, web

TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".mp4": "video/mp4",
    ".mp3": "audio/mpeg",
    ".txt": "text/plain",
}
"""What is served; files of any other kind are not there."""

_TEXT = frozenset({".html", ".css", ".js", ".json", ".webmanifest", ".svg", ".txt"})
FOREVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
_VERSIONED = re.compile(r"^v-[0-9a-f]{12}/")


class File(msgspec.Struct, frozen=True):
    """One file with its two forms; `packed` is empty where gzip gains nothing."""

    media_type: str
    plain: bytes
    packed: bytes
    etag: str


class Shelf(msgspec.Struct, frozen=True):
    """All files by path, and the hash of them together."""

    files: dict[str, File]
    version: str


def read_shelf(root: Path) -> Shelf:
    """Everything below `root`, but hidden files and links that lead out of it. Blocks: not for the loop."""
    files: dict[str, File] = {}
    whole = hashlib.sha256()
    root = root.resolve()
    for path in sorted(root.rglob("*")) if root.is_dir() else ():
        parts = path.relative_to(root).parts
        if path.suffix not in TYPES or any(part.startswith(".") for part in parts):
            continue
        if not path.is_file() or not path.resolve().is_relative_to(root):
            continue
        name = "/".join(parts)
        files[name] = file = _read(path)
        whole.update(f"{name} {file.etag}\n".encode())
    return Shelf(files, whole.hexdigest()[:12])


def _read(path: Path) -> File:
    plain = path.read_bytes()
    packed = b""
    if path.suffix in _TEXT and len(plain) > 512:
        # mtime=0: the same bytes at every hub and start. Level 6: half the time of 9 for 1 % more.
        packed = gzip.compress(plain, compresslevel=6, mtime=0)
    return File(TYPES[path.suffix], plain, packed, hashlib.sha256(plain).hexdigest()[:20])


class StaticFiles:
    """Serves a shelf. A path is looked up among the files that were found, never joined to a directory, so nothing
    else can be reached."""

    def __init__(self, root: Path, *, fresh: bool) -> None:
        """`fresh`: look at the disk again for each request and never cache for ever (for those who write pages)."""
        self._root = root
        self._fresh = fresh
        self.shelf = Shelf({}, "")

    async def load(self) -> None:
        """Read the files; before the first request."""
        self.shelf = await asyncio.to_thread(read_shelf, self._root)

    async def current(self) -> Shelf:
        """The shelf to serve from."""
        if self._fresh:
            await self.load()
        return self.shelf

    def versioned(self, shelf: Shelf, html: str) -> str:
        """A shell whose `/static/` addresses may be cached for ever."""
        return html if self._fresh else html.replace('"/static/', f'"/static/v-{shelf.version}/')

    async def get(self, request: web.Request) -> web.StreamResponse:
        """Handler of `GET /static/PATH`."""
        shelf = await self.current()
        path = request.match_info["path"]
        name = _VERSIONED.sub("", path)
        file = shelf.files.get(name)
        if file is None:
            raise web.HTTPNotFound
        for_ever = path.startswith(f"v-{shelf.version}/") and not self._fresh
        return file_answer(request, file, FOREVER if for_ever else ASK_AGAIN)


def file_answer(request: web.Request, file: File, cache: str) -> web.Response:
    """The file in the form the client takes, or 304 when it has it."""
    packed = bool(file.packed) and takes_gzip(request.headers.get(hdrs.ACCEPT_ENCODING, ""))
    etag = f'"{file.etag}{"-gz" if packed else ""}"'
    headers = {hdrs.ETAG: etag, hdrs.CACHE_CONTROL: cache, hdrs.VARY: hdrs.ACCEPT_ENCODING}
    known = request.headers.get(hdrs.IF_NONE_MATCH, "")
    if etag in (tag.strip().removeprefix("W/") for tag in known.split(",")):
        return web.Response(status=304, headers=headers)
    if packed:
        headers[hdrs.CONTENT_ENCODING] = "gzip"
    text = file.media_type.startswith("text/") or file.media_type == "application/json"
    return web.Response(
        body=file.packed if packed else file.plain,
        content_type=file.media_type,
        charset="utf-8" if text else None,
        headers=headers,
    )


def takes_gzip(accept: str) -> bool:
    """Whether an Accept-Encoding header allows gzip (RFC 9110 12.5.3; `q=0` forbids)."""
    for item in accept.lower().split(","):
        coding, _, rest = item.strip().partition(";")
        if coding.strip() in ("gzip", "*"):
            return not re.fullmatch(r"q=0(\.0*)?", rest.replace(" ", ""))
    return False
