"""Writes about applications: whose heads they need, and who decides about each kind."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlalchemy import Connection

from server.core.channels import Kind, channel
from server.core.model import Channel
from server.store.application_answering import answer, fill, open_application
from server.store.application_batch import Batch, concerned, named
from server.store.application_offers import firms_of
from server.store.application_privacy import erase, forget_phones, withdraw_consent
from server.store.application_sending import apply, tell_more, withdraw
from server.store.handling import Context, Effect, Outcome, decide_each
from server.store.writes import (
    AnswerApplication,
    Apply,
    EraseMe,
    FillWaiting,
    OpenApplication,
    TellMore,
    Withdraw,
    WithdrawConsent,
    Write,
)

_DECIDE: Final[dict[type[Write], Callable[[Batch, Any], Effect]]] = {
    Apply: apply,
    Withdraw: withdraw,
    TellMore: tell_more,
    OpenApplication: open_application,
    AnswerApplication: answer,
    FillWaiting: fill,
    WithdrawConsent: withdraw_consent,
    EraseMe: erase,
}


def channels(conn: Connection, context: Context, writes: Sequence[Write]) -> set[Channel]:
    """The heads that guard these writes: of the firm, of everyone who sent it, of the session's desk.

    An application that comes back to life for others than the one who asks, whose number others have confirmed, or one
    that came meanwhile, is not seen here: looking would cost every batch a statement. Those channels are then asked
    for with `NeedsLock`.
    """
    applies = [write for write in writes if isinstance(write, Apply)]
    wanted = concerned(conn, named(conn, writes))
    for write in applies:
        wanted |= {channel(Kind.ME, write.by), channel(Kind.DESK, write.session)}
    firms = firms_of(conn, (write.position for write in applies))
    return wanted | {channel(Kind.FIRM, firm) for firm in firms}


def handle(conn: Connection, context: Context, writes: Sequence[Write]) -> list[Outcome]:
    """What became of each write, in order."""
    batch = Batch(conn, context, writes)
    outcomes = decide_each(writes, lambda write: _DECIDE[type(write)](batch, write))
    batch.write(conn)
    forget_phones(conn, (write.by for write in writes if isinstance(write, EraseMe)))
    return outcomes
