"""What can be written, one Struct per kind of write; the writer commits many at once, set-based (DESIGN 8).

A write says what is wanted and by whom; the decision that needs the state of the database (is the session on air, is
the position on its shelf) is made inside the transaction, after the heads of its channels are locked. A write that
cannot be done ends as a `Refusal` of its own and never spoils the others of its batch.

Every write has a `key` scoped to `by` (KEYS_KEPT_DAYS): the same key and content again is answered with the first
reply and changes nothing; the same key with other content is refused with KEY_REUSED."""

from server.store.writes.applications import (
    AnswerApplication,
    Apply,
    EraseMe,
    FillWaiting,
    OpenApplication,
    TellMore,
    Withdraw,
    WithdrawConsent,
)
from server.store.writes.catalogue import ClosePosition, EditPosition, ImportedRow, ImportPositions, ReviewPositions
from server.store.writes.invitations import (
    ChangeGrants,
    Invite,
    JoinHouse,
    RevokeInvitation,
    SignedIn,
    invited,
)
from server.store.writes.people import AddAccount, AskCode, ConfirmCode, RevokePerson, Saw
from server.store.writes.reports import FileReport, SettleReport
from server.store.writes.stage import (
    ChangeState,
    DismissAssistant,
    HideCard,
    Launch,
    PinNotice,
    SetPicture,
    SetTalk,
    ShowCard,
    StartRehearsal,
    UndoCard,
)
from server.store.writes.talk import AnswerQuestion, Ask, Mute, RemoveLine, Say, SettleLine, Unmute
from server.store.writes.write import Committed, Write

__all__ = [
    "AddAccount",
    "AnswerApplication",
    "AnswerQuestion",
    "Apply",
    "Ask",
    "AskCode",
    "ChangeGrants",
    "ChangeState",
    "ClosePosition",
    "Committed",
    "ConfirmCode",
    "DismissAssistant",
    "EditPosition",
    "EraseMe",
    "FileReport",
    "FillWaiting",
    "HideCard",
    "ImportPositions",
    "ImportedRow",
    "Invite",
    "JoinHouse",
    "Launch",
    "Mute",
    "OpenApplication",
    "PinNotice",
    "RemoveLine",
    "ReviewPositions",
    "RevokeInvitation",
    "RevokePerson",
    "Saw",
    "Say",
    "SetPicture",
    "SetTalk",
    "SettleLine",
    "SettleReport",
    "ShowCard",
    "SignedIn",
    "StartRehearsal",
    "TellMore",
    "UndoCard",
    "Unmute",
    "Withdraw",
    "WithdrawConsent",
    "Write",
    "invited",
]
