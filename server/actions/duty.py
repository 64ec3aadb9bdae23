"""Whether somebody has a duty in a session: hosts and assistants by their grant, operators by where the session is."""

from server.core import rules
from server.core.model import Principal, SessionId
from server.core.regions import RegionTree
from server.core.rules import Duty
from server.store import catalogue_queries
from server.store.store import Store


async def session_for(store: Store, tree: RegionTree, principal: Principal, duty: Duty, id: str) -> SessionId:
    """The session, if the principal has that duty there. Raises `Refusal` FORBIDDEN or NOT_FOUND."""
    session_id = SessionId(id)
    if not rules.may(principal, duty, session_id) and rules.operates(principal):
        session = await store.read(catalogue_queries.session, session_id)
        rules.require_duty(principal, duty, session_id, tree.path(session.region))
    else:
        rules.require_duty(principal, duty, session_id)
    return session_id
