"""`GET /api/consent/VERSION`: the text a person agrees to, of any version that was ever in force."""

import msgspec
from aiohttp import web

from server.core.consent_texts import CONSENTS, ConsentWords
from server.core.refusal import Code, Refusal
from server.web.answers import json_answer


class ConsentAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Answer of `GET /api/consent/VERSION`. `contact`: who answers for the house (the licence's holder), empty where
    nobody wrote it down; the pages name the staff of the hall then."""

    version: str
    since: str
    contact: str
    words: dict[str, ConsentWords]


class ConsentDoor:
    """Texts are data of the program; only who to ask is the house's own."""

    def __init__(self, contact: str) -> None:
        self._contact = contact

    async def get(self, request: web.Request) -> web.Response:
        """`GET /api/consent/VERSION`."""
        version = request.match_info["version"]
        text = CONSENTS.get(version)
        if text is None:
            raise Refusal(Code.NOT_FOUND, what="consent", id=version[:80])
        return json_answer(
            ConsentAnswer(version=text.version, since=text.since, contact=self._contact, words=text.words)
        )
