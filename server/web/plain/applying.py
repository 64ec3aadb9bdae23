"""Applying by a plain form: the answer is a page, the receipt or the same form with what was typed and what to mend.

The form carries a key of its own and a guest's token, so sending it twice or loading its answer anew is one
application, and no cookie says anything: a page elsewhere has nothing to borrow.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

import msgspec
from aiohttp import web

from server.core.limits import NAME_LIMIT
from server.core.model import PositionId, Principal, SessionId
from server.core.protocol import Apply, Receipt, Refused, refused
from server.core.refusal import Code, Refusal
from server.web.answers import STATUS
from server.web.finding import read_source
from server.web.plain import listing
from server.web.plain.form import KEY_MARK, SOURCE_MARK, TOKEN_MARK, Typed, receipt
from server.web.plain.languages import in_its_language
from server.web.plain.markup import el
from server.web.plain.pages import Makings, new_guest, new_key, offer_of
from server.web.plain.switch import switch_answer
from server.web.plain.words import Words

APPLIES_PER_S: Final = 0.5
APPLIES_BURST: Final = 20
"""For one address: those of a hall who have no scripts share one, each filling in for a minute."""

_KEY: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")
_VERSION: Final = re.compile(r"[0-9]{1,9}")
_SENT: Final = ("key", "token", "session", "consent", "source", "version", "name", "phone", "for_whom")
_FIELDS: Final = {Code.NAME_INVALID: "name", Code.PHONE_INVALID: "phone"}


class PlainApplying:
    """The handler of `POST /position/ID/apply`."""

    def __init__(self, makings: Makings) -> None:
        self._with = makings
        self._applies = makings.rations.of_address(APPLIES_PER_S, APPLIES_BURST)

    async def apply(self, request: web.Request) -> web.StreamResponse:
        """The receipt, or the form again. Raises `Refusal` where there is no such position."""
        form = await _form(request)
        position = PositionId(request.match_info["position"])
        reply = await self._try(request, position, form)
        if isinstance(reply, Refused) and reply.code is Code.NOT_FOUND:
            raise Refusal(Code.NOT_FOUND, what="position", id=position[:80])
        answer = await self._with.finding.shown(position)
        w, t = self._with, self._with.languages.of(request)
        if isinstance(reply, Receipt):
            way_on = el("p", el("a", t("apply.go_on"), href=t.link("/"), class_="btn btn--main btn--wide"))
            other = switch_answer(t, quote(request.path), _sent(form))
            content = el("main", receipt(t, answer.position, reply), way_on, other, class_="portal stack plain")
            return self._page(request, await w.pages.plain(t("receipt.title"), content, t.locale), 200)
        offer = offer_of(answer, SessionId(form.get("session", "")))
        content = listing.position(t, w.site, offer, _typed(form, reply, _sentence(t, form, reply)))
        text = await w.pages.plain(t("apply.to", title=answer.position.title), content, t.locale)
        own = {
            KEY_MARK: form.get("key", "") if _KEY.fullmatch(form.get("key", "")) else new_key(),
            TOKEN_MARK: new_guest(w, request),
            SOURCE_MARK: read_source({"from": form.get("source", "")}),
        }
        for mark, value in own.items():
            text = text.replace(mark, value)
        return self._page(request, text, STATUS.get(reply.code, 409))

    async def _try(self, request: web.Request, position: PositionId, form: Mapping[str, str]) -> Receipt | Refused:
        try:
            self._applies.take(self._with.callers.address(request))
            principal = self._principal(request, form.get("token", ""))
            reply = await self._with.hub.dispatch(principal, _command(position, form))
        except Refusal as refusal:
            return refused(refusal)
        if not isinstance(reply, Receipt | Refused):
            raise TypeError(f"{type(reply).__name__} is no reply to an application")
        return reply

    def _principal(self, request: web.Request, token: str) -> Principal:
        """Who the form was made for; somebody new where that has ended or was lost. Raises `Refusal(TOO_MANY)`."""
        try:
            return self._with.hub.verify(token)
        except Refusal:
            fresh = new_guest(self._with, request)
            if not fresh:
                raise Refusal(Code.TOO_MANY, temporary=True, retry_ms=2000) from None
            return self._with.hub.verify(fresh)

    def _page(self, request: web.Request, text: str, status: int) -> web.Response:
        answer = self._with.pages.answer(request, text, status=status, cache="no-store")
        return in_its_language(answer, self._with.languages.of(request))


async def _form(request: web.Request) -> dict[str, str]:
    """The fields of the form as text; empty for a body that is none."""
    if request.content_type != "application/x-www-form-urlencoded":
        return {}
    try:
        return {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    except (ValueError, LookupError):
        return {}


def _command(position: PositionId, form: Mapping[str, str]) -> Apply:
    """What the form asks for. Raises `Refusal(BAD_MESSAGE)`."""
    name, phone, for_whom = (form.get(field, "") for field in ("name", "phone", "for_whom"))
    given = {
        "session": form.get("session", ""),
        "position": position,
        "name": name[: 4 * NAME_LIMIT],
        "phone": phone.strip()[:24],
        "for_whom": for_whom[: 4 * NAME_LIMIT],
        "consent": form.get("consent", ""),
        "age_confirmed": True,  # it is in the words of the button
        "key": _key(form.get("key", ""), name, phone, for_whom),
        "source": read_source({"from": form.get("source", "")}),
        "version": int(version) if _VERSION.fullmatch(version := form.get("version", "")) else 0,
    }
    try:
        return msgspec.convert(given, Apply)
    except msgspec.ValidationError as error:
        raise Refusal(Code.BAD_MESSAGE, detail=str(error)[:200]) from None


def _key(given: str, *typed: str) -> str:
    """The same for the same form sent again; another for a form that was gone back to and filled in for somebody else.
    The form's key is random, so nothing can be read from this one."""
    whole = "\n".join((given if _KEY.fullmatch(given) else new_key(), *typed))
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:40]


def _sent(form: Mapping[str, str]) -> dict[str, str]:
    """What was sent, to be sent again for the same receipt in the other language."""
    return {field: form[field] for field in _SENT if field in form}


def _sentence(t: Words, form: Mapping[str, str], reply: Refused) -> str:
    """Nothing typed is not the same as something wrong."""
    missing = reply.code == Code.PHONE_INVALID and not form.get("phone", "").strip()
    return t("apply.phone_missing") if missing else t.refusal(reply)


def _typed(form: Mapping[str, str], reply: Refused, sentence: str) -> Typed:
    field = _FIELDS.get(reply.code, "")
    name, phone, for_whom = (form.get(one, "")[:80] for one in ("name", "phone", "for_whom"))
    return Typed(name=name, phone=phone, for_whom=for_whom, errors={field: sentence})
