"""Headers every answer carries (DESIGN 10, 11)."""

from aiohttp import web

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src {image}; connect-src {connect}; "
    "font-src 'self'; media-src {media}; manifest-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)

HSTS_S = 180 * 24 * 3600


class SecurityHeaders:
    """Adds the headers to every answer, errors included."""

    def __init__(self, *, origins: frozenset[str], tls: bool, provinces: frozenset[str] = frozenset()) -> None:
        """`origins` are the hub's own. Until 2022 Safari did not count `wss://` of the same host as 'self' (WebKit bug
        201591) and our floor is iOS 14, so the websocket's addresses are named. `tls`: people come by https.
        `provinces`: origins of the others, whose API and pictures our pages use."""
        # A CSP has no form for IPv6 addresses; browsers would complain about one on every page.
        sockets = sorted(o.replace("http", "ws", 1) for o in origins | provinces if "[" not in o)
        others = sorted(o for o in provinces if "[" not in o)
        connect, media = ["'self'", *sockets, *others], ["'self'", "blob:", *others]
        self.headers = {
            "Content-Security-Policy": CSP.format(
                connect=" ".join(connect), media=" ".join(media), image=" ".join(["'self'", "data:", *others])
            ),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "strict-origin-when-cross-origin",
            "Permissions-Policy": "camera=(self), microphone=(self), geolocation=(), payment=(), usb=()",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
        if tls:
            self.headers["Strict-Transport-Security"] = f"max-age={HSTS_S}"

    async def on_response_prepare(self, _request: web.Request, response: web.StreamResponse) -> None:
        """Signal handler of the application: runs for pages, files, API, errors and upgrades alike."""
        if response.status == 101:
            return
        for name, value in self.headers.items():
            response.headers.setdefault(name, value)
        response.headers["Server"] = "daigang"


def install(site: web.Application, headers: SecurityHeaders) -> None:
    """Make the application send them."""
    site.on_response_prepare.append(headers.on_response_prepare)
