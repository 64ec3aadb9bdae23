"""The branch that an operator asks about: `?region=CODE` of several addresses."""

from aiohttp import web

from server.core import rules
from server.core.model import RegionCode
from server.core.regions import RegionTree
from server.hub.hub import Hub
from server.web.issuing import bearer


def branch_asked(request: web.Request, hub: Hub, tree: RegionTree) -> RegionCode:
    """The branch, which is the caller's to look at. Raises `Refusal` as `Hub.verify`, `RegionTree.path` and
    `rules.require_operator` do."""
    region = RegionCode(request.query.get("region", ""))
    rules.require_operator(hub.verify(bearer(request)), tree.path(region))
    return region
