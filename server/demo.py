"""The demonstration: the Jilin day in an empty store, and the five accounts behind its one-click entries.

The day is data from `clients/simulator`; it is loaded by name, because the server as such knows no client.
"""

import importlib
from collections import Counter
from collections.abc import Callable, Mapping

from server.actions.closing import NO_PASSWORD
from server.config import ConfigError
from server.core.catalogue import Catalogue
from server.core.model import Grant, PersonId, RegionCode, Role, SessionId
from server.core.refusal import Refusal
from server.store import account_queries, catalogue_queries
from server.store.catalogue_writes import load_catalogue
from server.store.store import Connection, Store
from server.store.writes import AddAccount

SHOWN: Mapping[Role, str] = {
    Role.HOST: "演示主播",
    Role.ASSISTANT: "演示场控",
    Role.HR: "演示企业",
    Role.SPECIALIST: "演示专员",
    Role.OPERATOR: "演示运营",
}
SPECIALIST_FIRMS = 40
"""Enterprises of the demonstration's specialist: as many as one person looks after."""


async def prepare_demo(
    store: Store, province: RegionCode, names: Mapping[Role, str], clock_ms: Callable[[], int]
) -> None:
    """Fill the store if it is empty, and make the accounts that are missing. A second time it only looks.

    Raises `ConfigError` when the store holds a real fair.
    """
    fairs = await store.read(catalogue_queries.fairs)
    if any(not fair.synthetic for fair in fairs):
        raise ConfigError(
            "the database holds a real fair: a demonstration would let anybody at this machine in as host, HR or "
            "operator. Give it a directory of its own (DAIGANG_VAR)"
        )
    if not fairs:
        try:
            await store.transact(load_catalogue, jilin_day(), clock_ms())
        except Refusal:
            # Another hub that starts beside this one was first.
            if not await store.read(catalogue_queries.fairs):
                raise
    missing = [role for role, name in names.items() if await store.read(account_queries.account, name) is None]
    if not missing:
        return
    scopes = await store.read(_scopes)
    for role in missing:
        held = scopes.get(role, (province,))
        at_ms = clock_ms()
        account = AddAccount(
            by=PersonId("demo"),
            key=f"demo-{role.value}-{at_ms}",
            at_ms=at_ms,
            name=names[role],
            shown_name=SHOWN[role],
            password_hash=NO_PASSWORD,  # they are entered through the demonstration's door alone
            grants=tuple(Grant(role=role, scope=scope) for scope in held),
        )
        try:
            await store.write(account)
        except Refusal:
            if await store.read(account_queries.account, names[role]) is None:
                raise


def jilin_day() -> Catalogue:
    """The synthetic fair."""
    day: Catalogue = importlib.import_module("clients.simulator.day").generate()
    return day


def _scopes(conn: Connection) -> dict[Role, tuple[str, ...]]:
    """The first session for host and assistant, for HR the enterprise with the most positions on its shelf, for the
    specialist the enterprises with the most."""
    sessions = {session.id for session in catalogue_queries.sessions(conn)}
    session = SessionId("S01") if SessionId("S01") in sessions else min(sessions)
    firms = Counter(slot.position.enterprise for slot in catalogue_queries.shelf(conn, session))
    most = tuple(firm for firm, _ in firms.most_common(SPECIALIST_FIRMS))
    return {Role.HOST: (session,), Role.ASSISTANT: (session,), Role.HR: most[:1], Role.SPECIALIST: most}
