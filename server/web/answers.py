"""Answers of the JSON API: values as JSON, and every refusal in the one shape of `Refused`."""

import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

import msgspec
from aiohttp import hdrs, web
from aiohttp.typedefs import Middleware

from server.core.protocol import Refused, refused
from server.core.refusal import Code, Refusal

log = logging.getLogger("daigang.web")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

STATUS: dict[Code, int] = {
    Code.BAD_MESSAGE: 400,
    Code.UNKNOWN_TYPE: 400,
    Code.TOO_LARGE: 413,
    Code.TOO_MANY: 429,
    Code.UPGRADE: 400,
    Code.NOT_SIGNED_IN: 401,
    Code.TOKEN_EXPIRED: 401,
    Code.SIGN_IN_FAILED: 401,
    Code.FORBIDDEN: 403,
    Code.NOT_FOUND: 404,
    Code.CHAT_OFF: 403,
    Code.CHAT_MUTED: 403,
    Code.CHAT_SLOW: 429,
    Code.CHAT_WORD: 422,
    Code.PICTURE_ADDRESS: 422,
    Code.TEXT_EMPTY: 422,
    Code.TEXT_TOO_LONG: 422,
    Code.NAME_INVALID: 422,
    Code.PHONE_INVALID: 422,
    Code.AGE_NOT_CONFIRMED: 422,
    Code.CONSENT_OUTDATED: 422,
    Code.INVITATION_USED: 410,
    Code.INVITATION_EXPIRED: 410,
    Code.INVITATION_REVOKED: 410,
    Code.PASSWORD_INVALID: 422,
    Code.CODE_TOO_OFTEN: 429,
    Code.CODE_NOT_SENT: 502,
    Code.CODE_INVALID: 422,
    Code.CODE_WRONG: 422,
    Code.POSITION_FAULTY: 422,
    Code.PHONE_UNCONFIRMED: 422,
    Code.TARGET_ADDRESS: 422,
    Code.UNAVAILABLE: 503,
}
"""HTTP status of each code; 409 (it does not fit the state of things) for all others."""

MSGPACK = "application/msgpack"
_json = msgspec.json.Encoder()
_msgpack = msgspec.msgpack.Encoder()


def encode_json(value: object) -> bytes:
    """The JSON bytes of a value of the house."""
    return _json.encode(value)


def json_answer(value: object, *, status: int = 200) -> web.Response:
    """A value that is nobody else's: never stored by a cache."""
    return bytes_answer(encode_json(value), status=status)


def bytes_answer(body: bytes, *, status: int = 200, cache: str = "no-store") -> web.Response:
    """Finished JSON bytes."""
    return web.Response(body=body, status=status, content_type="application/json", headers={hdrs.CACHE_CONTROL: cache})


def refusal_answer(refusal: Refusal, *, status: int = 0) -> web.Response:
    """What a refusal looks like over HTTP. `Retry-After` (whole seconds) goes with `retry_ms`."""
    return refused_answer(refused(refusal), status=status)


def refused_answer(reply: Refused, *, status: int = 0, msgpack: bool = False) -> web.Response:
    """The same for a reply that has been made already."""
    answer = json_answer(reply, status=status or STATUS.get(reply.code, 409))
    if msgpack:
        answer.body = _msgpack.encode(reply)
        answer.content_type = MSGPACK
    retry_ms = reply.params.get("retry_ms")
    if isinstance(retry_ms, int):
        answer.headers[hdrs.RETRY_AFTER] = str(max(1, -(-retry_ms // 1000)))
    if answer.status == 401:
        answer.headers[hdrs.WWW_AUTHENTICATE] = "Bearer"
    return answer


def msgpack_answer(value: object) -> web.Response:
    """A value as msgpack."""
    return web.Response(body=_msgpack.encode(value), content_type=MSGPACK, headers={hdrs.CACHE_CONTROL: "no-store"})


class Sorry(Protocol):
    """Tells a person what could not be done."""

    def takes(self, request: web.Request) -> bool:
        """Whether a person looks at the answer."""

    async def page(self, request: web.Request, refusal: Refusal, status: int) -> web.Response:
        """The answer."""


def in_one_shape(sorry: Sorry) -> Middleware:
    """Every way to fail ends as the JSON of `Refused`, or as a page where a person asked."""

    @web.middleware
    async def shaped(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except Refusal as error:
            refusal, status, kept = error, STATUS.get(error.code, 409), {}
        except web.HTTPException as error:
            if error.status < 400:
                raise
            refusal, status, kept = _of_http_error(error), error.status, _kept(error)
        except ConnectionError:
            return web.Response(status=400)  # the caller has gone; nobody reads it
        except Exception:
            # The path of a room or a session is no secret; query and body are never written down.
            log.exception("request failed method=%s path=%s", request.method, request.path)
            if request.path in ("/ws", "/media", "/live") and request.transport is not None:
                request.transport.close()  # it may be a websocket already: no place for an HTTP answer
            refusal, status, kept = Refusal(Code.UNAVAILABLE, temporary=True, what="hub"), 500, {}
        answer = refusal_answer(refusal, status=status)
        if sorry.takes(request):
            page = await sorry.page(request, refusal, status)
            page.headers.update({name: answer.headers[name] for name in _PASSED_ON if name in answer.headers})
            answer = page
        answer.headers.update(kept)
        return answer

    return shaped


_PASSED_ON = (hdrs.RETRY_AFTER, hdrs.WWW_AUTHENTICATE)


def _kept(error: web.HTTPException) -> dict[str, str]:
    return {name: error.headers[name] for name in (hdrs.ALLOW, hdrs.RETRY_AFTER) if name in error.headers}


def _of_http_error(error: web.HTTPException) -> Refusal:
    match error:
        case web.HTTPRequestEntityTooLarge():
            return Refusal(Code.TOO_LARGE)
        case web.HTTPNotFound():
            return Refusal(Code.NOT_FOUND, what="address")
        case web.HTTPMethodNotAllowed():
            return Refusal(Code.BAD_MESSAGE, detail="allowed here: " + ", ".join(sorted(error.allowed_methods)))
        case web.HTTPServerError():
            return Refusal(Code.UNAVAILABLE, temporary=True, what="hub")
        case _:
            return Refusal(Code.BAD_MESSAGE, detail=error.reason)
