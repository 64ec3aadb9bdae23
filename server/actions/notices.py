"""What a page says it has shown, so that it need not be told to the phone."""

from server.core.model import ApplicationId, Principal
from server.core.protocol import Saw
from server.store import writes
from server.store.store import Store


async def saw(store: Store, principal: Principal, command: Saw, at_ms: int) -> writes.Committed:
    """These steps were seen."""
    seen = tuple((ApplicationId(one.application), one.steps) for one in command.applications)
    return await store.write(writes.Saw(by=principal.person, key="saw", at_ms=at_ms, seen=seen))
