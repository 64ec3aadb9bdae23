"""Pages of other provinces may use this hub's API: a viewer there applies here, where the session is at home, and what
they write passes no third place (DESIGN 7). Cross-origin rules for exactly those origins, and nothing for the rest.
"""

from typing import Final

from aiohttp import hdrs, web

from server.web.answers import Handler
from server.web.origin import OPEN_TO_FAR_PAGES

PREFIX: Final = "/api/"
KEEP_S: Final = "600"
HEADERS: Final = "authorization, content-type"


class FarPages:
    """`origins`: of the other provinces, as configured."""

    def __init__(self, origins: frozenset[str]) -> None:
        self._origins = origins

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Outermost, so that a far page can read refusals too."""
        origin = request.headers.get(hdrs.ORIGIN, "")
        if origin not in self._origins or not _open_to_them(request):
            return await handler(request)
        if request.method == "OPTIONS":
            answer: web.StreamResponse = web.Response(status=204)
            answer.headers[hdrs.ACCESS_CONTROL_ALLOW_METHODS] = "GET, POST"
            answer.headers[hdrs.ACCESS_CONTROL_ALLOW_HEADERS] = HEADERS
            answer.headers[hdrs.ACCESS_CONTROL_MAX_AGE] = KEEP_S
        else:
            answer = await handler(request)
        if not answer.prepared:
            answer.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = origin
            answer.headers.add(hdrs.VARY, hdrs.ORIGIN)
            answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return answer


def _open_to_them(request: web.Request) -> bool:
    """Reading, and commands. Tokens are had at home: no signing in, no uploading, no invitations by far pages."""
    if request.method == "OPTIONS":
        return request.path.startswith(PREFIX)
    return request.path in OPEN_TO_FAR_PAGES or (request.method in ("GET", "HEAD") and request.path.startswith(PREFIX))
