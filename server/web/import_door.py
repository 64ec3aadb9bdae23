"""Uploading a 招聘岗位信息表: dry run, its rows, the correction workbook, and the word that writes it.

The body goes to a file as it comes, never to memory as a whole; a child process reads it (`server.apart`).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from typing import Final, TypeVar

import msgspec
from aiohttp import BodyPartReader, hdrs, web

from server.apart.import_files import UPLOAD, Summary
from server.apart.imports import Imports, Plan
from server.core import rules
from server.core.model import Principal, RegionCode, Role, SessionId
from server.core.refusal import Code, Refusal
from server.core.regions import RegionTree
from server.hub.hub import Hub
from server.store import catalogue_queries
from server.store.correction_files import write_template
from server.store.store import Store
from server.store.workbook_files import MOST_FILE_BYTES
from server.web.answers import bytes_answer, json_answer, refusal_answer
from server.web.issuing import bearer

T = TypeVar("T")

PATH: Final = "/api/import"
WHOLE_WITHIN_S: Final = 300.0
"""20 MB over a line of 70 kB/s."""
CHUNK_WITHIN_S: Final = 20.0
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ImportAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Answer of `POST /api/import`: the dry run, to be confirmed by its `id` within half an hour."""

    id: str
    summary: Summary
    session: str = ""


class ConfirmAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Answer of `POST /api/import/ID/confirm`: positions new or changed, and those that were there already."""

    changed: int
    left: int


class ImportDoor:
    """The addresses below `/api/import`. All but the template are for operators, and for who made the dry run."""

    def __init__(self, *, hub: Hub, store: Store, tree: RegionTree, imports: Imports) -> None:
        self._hub = hub
        self._store = store
        self._tree = tree
        self._imports = imports
        self._template: bytes = b""

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """`POST /api/import?session=ID&region=CODE`: the file as body, or the one file of a form."""
        try:
            principal = self._hub.verify(bearer(request))
            branch = self._branch(principal, request.query.get("region", ""))
            session = await self._session(principal, request.query.get("session", ""))
            if (request.content_length or 0) > MOST_FILE_BYTES:
                raise _too_large(request.content_length or 0)
            async with self._imports.place() as directory:
                await receive(request, directory / UPLOAD)
                plan = await self._imports.look(directory, principal.person, branch, session)
        except Refusal as refusal:
            # What is left of the body is nobody's: the connection goes with it.
            answer = refusal_answer(refusal)
            answer.force_close()
            return answer
        if request.query.get("dry", "1") == "0":
            await self._imports.confirm(plan)
        return json_answer(ImportAnswer(id=plan.id, summary=plan.summary, session=session or ""))

    async def rows(self, request: web.Request) -> web.Response:
        """`GET /api/import/ID/rows/PAGE`: rows of the dry run, those that need a look first."""
        plan = self._plan(request)
        page = request.match_info["page"]
        return bytes_answer(await self._imports.page(plan, int(page) if page.isdecimal() and len(page) < 6 else -1))

    async def corrections(self, request: web.Request) -> web.Response:
        """`GET /api/import/ID/corrections.xlsx`."""
        return _workbook(await self._imports.corrections(self._plan(request)), "corrections.xlsx")

    async def confirm(self, request: web.Request) -> web.Response:
        """`POST /api/import/ID/confirm`: write it. Asked twice, it answers the same."""
        plan = self._plan(request)
        await self._session(self._hub.verify(bearer(request)), plan.session or "")
        done = await self._imports.confirm(plan)
        return json_answer(ConfirmAnswer(changed=done.changed, left=done.left))

    async def template(self, _request: web.Request) -> web.Response:
        """`GET /api/import/template.xlsx`: an empty 招聘岗位信息表."""
        if not self._template:
            self._template = await asyncio.to_thread(_made_template, self._imports.directory / "template.xlsx")
        return _workbook(self._template, "template.xlsx")

    def _plan(self, request: web.Request) -> Plan:
        """Who made it sees it and writes it, as long as the branch is still that person's: a role can be taken between
        the dry run and the word."""
        principal = self._hub.verify(bearer(request))
        plan = self._imports.plan(request.match_info["import"], principal.person)
        rules.require_operator(principal, self._tree.path(plan.branch))
        return plan

    def _branch(self, principal: Principal, asked: str) -> RegionCode:
        """The branch that is imported into: the one asked for, else the person's first."""
        own = [RegionCode(g.scope) for g in principal.grants if g.role in (Role.OPERATOR, Role.ADMIN)]
        if not own:
            raise Refusal(Code.FORBIDDEN, needs="operator")
        branch = RegionCode(asked) if asked else own[0]
        rules.require_operator(principal, self._tree.path(branch))
        return branch

    async def _session(self, principal: Principal, asked: str) -> SessionId | None:
        if not asked:
            return None
        session = await self._store.read(catalogue_queries.session, SessionId(asked[:64]))
        rules.require_operator(principal, self._tree.path(session.region))
        return session.id


async def receive(request: web.Request, file: Path) -> None:
    """The body into the file. Raises `Refusal`: TOO_LARGE, BAD_MESSAGE for no file or several."""
    size = 0
    try:
        async with asyncio.timeout(WHOLE_WITHIN_S):
            with await asyncio.to_thread(file.open, "wb") as out:
                async for chunk in _chunks(request):
                    size += len(chunk)
                    if size > MOST_FILE_BYTES:
                        raise _too_large(size)
                    await asyncio.to_thread(out.write, chunk)
    except TimeoutError:
        raise Refusal(Code.BAD_MESSAGE, detail="workbook: the upload took too long", why="too_slow") from None
    if size == 0:
        raise Refusal(Code.BAD_MESSAGE, detail="workbook: the file is empty", why="empty")


async def _chunks(request: web.Request) -> AsyncIterator[bytes]:
    if not request.content_type.startswith("multipart/"):
        while chunk := await _soon(request.content.read(256 * 1024)):
            yield chunk
        return
    files = 0
    parts = await request.multipart()
    while (part := await _soon(parts.next())) is not None:
        if not isinstance(part, BodyPartReader) or part.filename is None:
            raise Refusal(Code.BAD_MESSAGE, detail="workbook: the form may hold one file and nothing else", why="form")
        files += 1
        if files > 1:
            raise Refusal(Code.BAD_MESSAGE, detail="workbook: one file at a time", why="two_files")
        while chunk := await _soon(part.read_chunk(64 * 1024)):
            yield chunk


async def _soon(reading: Awaitable[T]) -> T:
    async with asyncio.timeout(CHUNK_WITHIN_S):
        return await reading


def _too_large(size: int) -> Refusal:
    return Refusal(Code.TOO_LARGE, size_bytes=size, limit_bytes=MOST_FILE_BYTES)


def _workbook(data: bytes, name: str) -> web.Response:
    headers = {hdrs.CACHE_CONTROL: "no-store", hdrs.CONTENT_DISPOSITION: f'attachment; filename="{name}"'}
    return web.Response(body=data, content_type=XLSX, headers=headers)


def _made_template(file: Path) -> bytes:
    write_template(file)
    return file.read_bytes()
