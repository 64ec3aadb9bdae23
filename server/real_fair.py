"""Where a real fair is held nobody stays who was made up for a demonstration or a played day: the demonstration's
accounts have roles, and the day's a password that lies in a file."""

import logging
from collections.abc import Callable
from typing import Final

from server.actions.closing import close_account
from server.core.model import PersonId
from server.core.played_staff import is_played
from server.store import account_queries, catalogue_queries
from server.store.store import Store
from server.web.entrance import DEMO_NAMES

log = logging.getLogger("daigang.real_fair")

BY: Final = PersonId("real-fair")


async def end_made_up_accounts(store: Store, clock_ms: Callable[[], int]) -> tuple[str, ...]:
    """Close those that still have roles, if a fair is held that is none of a demonstration; their names. Raises
    `Refusal`."""
    fairs = await store.read(catalogue_queries.fairs)
    if all(fair.synthetic for fair in fairs):
        return ()
    ended = []
    for name in await store.read(account_queries.names):
        if is_played(name) or name in DEMO_NAMES.values():
            account = await store.read(account_queries.account, name)
            if account is not None and account.grants:
                await close_account(store, account, BY, clock_ms)
                ended.append(name)
    if ended:
        log.warning("closed %d accounts of a demonstration or a played day: a real fair is held", len(ended))
    return tuple(ended)
