"""`daigang check --public URL`: what a visitor's phone would find. Run it from another network than the hub's.

Speaks plain HTTP and websocket by itself (no aiohttp in the command line), each request with a limit of 10 s. The
websocket by asyncio: the threads of `websockets.sync` read and write one TLS connection at the same time, which OpenSSL
does not allow, and before Python 3.13 nothing keeps them apart; one opening in 200 was never sent.
"""

import asyncio
import http.client
import json
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidHandshake, InvalidStatus, WebSocketException
from websockets.typing import Origin

from server.cli.checking import Finding
from server.config import origin_of
from server.core.limits import PROTOCOL_VERSION
from server.core.protocol import Hello, Welcome, decode_server, encode
from server.core.refusal import Refusal

WITHIN_S = 10.0
DAYS_LEAST = 14
SKEW_MOST_S = 5.0
PAGES = ("/", "/host", "/desk", "/screen")
TROUBLES = (OSError, http.client.HTTPException, ssl.SSLError, ValueError, KeyError, WebSocketException, Refusal)


class Answer(msgspec.Struct, frozen=True):
    """What came back; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Visitor:
    """Asks one origin."""

    def __init__(self, origin: str) -> None:
        parts = urlsplit(origin)
        self.origin = origin
        self.secure = parts.scheme == "https"
        self.host = parts.hostname or ""
        self.port = parts.port or (443 if self.secure else 80)

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None) -> Answer:
        """One request, no redirect followed."""
        return self.ask_at(self.port, self.secure, method, path, headers)

    def ask_at(self, port: int, secure: bool, method: str, path: str, headers: dict[str, str] | None = None) -> Answer:
        """The same at another port of this host."""
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        link = kind(self.host, port, timeout=WITHIN_S)
        try:
            link.request(method, path, headers=headers or {})
            response = link.getresponse()
            return Answer(
                response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
            )
        finally:
            link.close()


def look_from_outside(url: str) -> Iterator[Finding]:
    """All findings, one after another. Raises `ConfigError` for what is no address."""
    visitor = Visitor(origin_of(url, "--public"))
    looks: tuple[tuple[str, Callable[[Visitor], Finding]], ...] = (
        ("certificate", _certificate),
        ("http", _redirect),
        ("health", _health),
        ("clock", _clock),
        ("demonstration", _no_demo),
        ("metrics", _metrics_closed),
        *((f"page {path}", _page_look(path)) for path in PAGES),
        ("files", _files),
        ("websocket", _websocket),
        ("foreign origin", _foreign_origin),
    )
    for what, look in looks:
        try:
            yield look(visitor)
        except TROUBLES as error:
            yield Finding(False, what, _sentence(error))
            if isinstance(error, OSError) and not isinstance(error, ssl.SSLError) and what in ("certificate", "health"):
                return  # nobody there: the rest would say the same


def _sentence(error: BaseException) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not trusted ({error.verify_message}): renew it, and send the whole chain"
    if isinstance(error, socket.gaierror):
        return "the name is not known: make an A (and AAAA) record"
    if isinstance(error, ConnectionRefusedError):
        return "nobody listens: is the hub running, and is the port open in the cloud's security group?"
    if isinstance(error, TimeoutError):
        return f"no answer within {WITHIN_S:.0f} s: is the port open, is the domain's ICP filing (备案) done?"
    if isinstance(error, Refusal):
        return f"refused with {error.code.value}"
    return f"{type(error).__name__}: {error}"


def _certificate(visitor: Visitor) -> Finding:
    if not visitor.secure:
        text = "the address is http: no camera, and tokens in the clear. Give it TLS (docs/operations.md)"
        return Finding(False, "certificate", text)
    context = ssl.create_default_context()
    with (
        socket.create_connection((visitor.host, visitor.port), timeout=WITHIN_S) as plain,
        context.wrap_socket(plain, server_hostname=visitor.host) as link,
    ):
        until = str((link.getpeercert() or {})["notAfter"])
    days = (ssl.cert_time_to_seconds(until) - time.time()) / 86400
    day = datetime.fromtimestamp(ssl.cert_time_to_seconds(until), UTC).date()
    if days < DAYS_LEAST:
        return Finding(False, "certificate", f"ends on {day}, in {days:.0f} days: renew it now")
    return Finding(True, "certificate", f"trusted, until {day} ({days:.0f} days)")


def _redirect(visitor: Visitor) -> Finding:
    if not visitor.secure:
        return Finding(True, "http", "not looked at, the address itself is http")
    answer = visitor.ask_at(80, False, "GET", "/")
    to = answer.headers.get("location", "")
    if answer.status in (301, 302, 307, 308) and to.startswith(visitor.origin):
        return Finding(True, "http", f"leads to {visitor.origin}")
    return Finding(False, "http", f"port 80 answers {answer.status}; it should redirect to {visitor.origin}")


def _health(visitor: Visitor) -> Finding:
    answer = visitor.ask("GET", "/readyz")
    health = json.loads(answer.body)
    if answer.status == 200 and health["ok"]:
        return Finding(True, "health", f"daigang {health['version']}, epoch {health['epoch']}")
    return Finding(False, "health", f"{health.get('what', 'something')} does not answer: look at the hub's log")


def _setup(visitor: Visitor) -> dict[str, Any]:
    setup: dict[str, Any] = json.loads(visitor.ask("GET", "/api/setup").body)
    return setup


def _clock(visitor: Visitor) -> Finding:
    before = time.time()
    theirs = _setup(visitor)["now_ms"] / 1000
    skew = theirs - (before + time.time()) / 2
    if abs(skew) > SKEW_MOST_S:
        return Finding(False, "clock", f"the hub is {skew:+.0f} s off (or this machine is): run an NTP client on both")
    return Finding(True, "clock", f"{skew:+.1f} s from this machine's")


def _no_demo(visitor: Visitor) -> Finding:
    if _setup(visitor)["demo"] or visitor.ask("POST", "/api/demo").status != 404:
        return Finding(False, "demonstration", "anybody can be host or operator: start it without --demo")
    return Finding(True, "demonstration", "off")


def _metrics_closed(visitor: Visitor) -> Finding:
    status = visitor.ask("GET", "/metrics").status
    if status in (401, 403, 404):
        return Finding(True, "metrics", "closed to strangers")
    return Finding(False, "metrics", f"/metrics answers {status} to strangers: see deploy/nginx.conf")


def _page_look(path: str) -> Callable[[Visitor], Finding]:
    def look(visitor: Visitor) -> Finding:
        answer = visitor.ask("GET", path)
        missing = []
        if "default-src 'none'" not in answer.headers.get("content-security-policy", ""):
            missing.append("Content-Security-Policy")
        if "camera=(self)" not in answer.headers.get("permissions-policy", ""):
            missing.append("Permissions-Policy with camera=(self)")
        if visitor.secure and "strict-transport-security" not in answer.headers:
            missing.append("Strict-Transport-Security")
        if answer.status != 200:
            return Finding(False, f"page {path}", f"answers {answer.status}")
        if missing:
            return Finding(False, f"page {path}", f"lacks {', '.join(missing)}: does a proxy drop headers?")
        return Finding(True, f"page {path}", "200, with its headers")

    return look


def _files(visitor: Visitor) -> Finding:
    path = "/static/shared/protocol.js"
    answer = visitor.ask("GET", path, {"Accept-Encoding": "gzip"})
    if answer.status != 200:
        return Finding(False, "files", f"{path} answers {answer.status}")
    if answer.headers.get("content-encoding") != "gzip":
        return Finding(False, "files", "come without gzip: phones wait longer. Does a proxy drop Accept-Encoding?")
    return Finding(True, "files", "come gzipped")


def _websocket(visitor: Visitor) -> Finding:
    token = str(json.loads(visitor.ask("POST", "/api/guest").body)["token"])
    hello = encode(Hello(id=1, version=PROTOCOL_VERSION, token=token))
    try:
        data = asyncio.run(_answer_to(visitor, visitor.origin, hello))
    except InvalidStatus as error:
        status = error.response.status_code
        hint = "is server.public_url exactly this address?" if status == 403 else "does the proxy pass Upgrade on?"
        return Finding(False, "websocket", f"refused with status {status}: {hint}")
    except InvalidHandshake as error:
        return Finding(False, "websocket", f"no upgrade ({error}): does the proxy pass Upgrade on (deploy/nginx.conf)?")
    messages = decode_server(data)
    if messages and isinstance(messages[0], Welcome):
        return Finding(True, "websocket", "a guest was welcomed")
    return Finding(False, "websocket", "the guest was not welcomed")


def _foreign_origin(visitor: Visitor) -> Finding:
    try:
        asyncio.run(_answer_to(visitor, "https://foreign.invalid"))
    except InvalidStatus as error:
        status = error.response.status_code
        return Finding(status == 403, "foreign origin", f"turned away with status {status}")
    text = "a page from elsewhere may open the websocket: does a proxy drop Origin?"
    return Finding(False, "foreign origin", text)


async def _answer_to(visitor: Visitor, origin: str, first: bytes = b"") -> bytes:
    """Open the websocket as a page of that origin; what it answers to a first message, if there is one."""
    address = f"{visitor.origin.replace('http', 'ws', 1)}/ws"
    opening = connect(
        address, origin=Origin(origin), compression=None, proxy=None, open_timeout=WITHIN_S, close_timeout=2.0
    )
    async with opening as link, asyncio.timeout(WITHIN_S):
        if not first:
            return b""
        await link.send(first)
        data = await link.recv()
        return data if isinstance(data, bytes) else b""
