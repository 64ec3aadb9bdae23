"""`POST /api/enterprises/ID/export`: an enterprise's own applicants as a file, rationed, watermarked, written down."""

from typing import Final

from aiohttp import hdrs, web

from server.apart.exports import Exports
from server.core import rules
from server.core.export_rows import mark_of, sheets_of
from server.core.model import EnterpriseId
from server.core.refusal import Code, Refusal
from server.hub.hub import Hub
from server.store.export_writes import Exporter, export
from server.store.store import Store
from server.web.issuing import bearer
from server.web.rationing import Ration

EXPORTS_PER_S: Final = 1 / 300
EXPORTS_BURST: Final = 3
"""Three at once, then one in five minutes, per person."""
LEFT_OUT: Final = "Daigang-Left-Out"
"""How many older applicants did not fit into the file; the page says so too."""
TYPES: Final = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
}


class ExportDoor:
    """Who may have a file, and how often."""

    def __init__(self, *, hub: Hub, store: Store) -> None:
        self._hub = hub
        self._store = store
        self._ration = Ration(EXPORTS_PER_S, EXPORTS_BURST, lambda: hub.clock_ms() / 1000)
        self._files = Exports()

    async def post(self, request: web.Request) -> web.Response:
        """The file. `?as=csv` for plain text, else a workbook."""
        principal = self._hub.verify(bearer(request))
        enterprise = EnterpriseId(request.match_info["enterprise"])
        rules.require_enterprise(principal, enterprise)
        kind = request.query.get("as", "xlsx")
        if kind not in TYPES:
            raise Refusal(Code.BAD_MESSAGE, detail="as: xlsx or csv")
        self._ration.take(principal.person)
        at_ms = self._hub.clock_ms()
        who = Exporter(by=principal.person, at_ms=at_ms)
        found = await self._store.transact(
            export, rules.enterprises_of(principal), enterprise, self._store.keyring, who
        )
        mark = mark_of(found.enterprise_name, principal.name or principal.person, at_ms)
        content = await self._files.made(sheets_of(kind, mark, found.applicants, found.left_out))
        return web.Response(
            body=content,
            content_type=TYPES[kind],
            headers={
                hdrs.CACHE_CONTROL: "no-store",
                hdrs.CONTENT_DISPOSITION: f'attachment; filename="applicants.{kind}"',
                LEFT_OUT: str(found.left_out),
            },
        )
