"""Which handler decides which kind of write: one subject for the writes that must see each other in one batch."""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec
from sqlalchemy import Connection

from server.core.model import Channel
from server.store import (
    account_writes,
    application_writes,
    assistant_writes,
    chat_writes,
    code_writes,
    invitation_writes,
    launch_writes,
    mute_writes,
    notice_writes,
    position_writes,
    question_writes,
    report_writes,
    stage_writes,
)
from server.store.handling import Context, Outcome
from server.store.writes import (
    AddAccount,
    AnswerApplication,
    AnswerQuestion,
    Apply,
    Ask,
    AskCode,
    ChangeGrants,
    ChangeState,
    ClosePosition,
    ConfirmCode,
    DismissAssistant,
    EditPosition,
    EraseMe,
    FileReport,
    FillWaiting,
    HideCard,
    ImportPositions,
    Invite,
    JoinHouse,
    Launch,
    Mute,
    OpenApplication,
    PinNotice,
    RemoveLine,
    ReviewPositions,
    RevokeInvitation,
    RevokePerson,
    Saw,
    Say,
    SetPicture,
    SetTalk,
    SettleLine,
    SettleReport,
    ShowCard,
    SignedIn,
    StartRehearsal,
    TellMore,
    UndoCard,
    Unmute,
    Withdraw,
    WithdrawConsent,
    Write,
)


class Subject(msgspec.Struct, frozen=True):
    """The handler of some kinds of write, and the channels they may touch as far as that can be told beforehand."""

    channels: Callable[[Connection, Context, Sequence[Write]], set[Channel]]
    handle: Callable[[Connection, Context, Sequence[Write]], list[Outcome]]


_STAGE: Final = Subject(stage_writes.channels, stage_writes.handle)
_LAUNCH: Final = Subject(launch_writes.channels, launch_writes.handle)
_CHAT: Final = Subject(chat_writes.channels, chat_writes.handle)
_REPORT: Final = Subject(report_writes.channels, report_writes.handle)
_ASSISTANT: Final = Subject(assistant_writes.channels, assistant_writes.handle)
_MUTE: Final = Subject(mute_writes.channels, mute_writes.handle)
_QUESTION: Final = Subject(question_writes.channels, question_writes.handle)
_APPLICATION: Final = Subject(application_writes.channels, application_writes.handle)
_ACCOUNT: Final = Subject(account_writes.channels, account_writes.handle)
_CODE: Final = Subject(code_writes.channels, code_writes.handle)
_INVITATION: Final = Subject(invitation_writes.channels, invitation_writes.handle)
_NOTICE: Final = Subject(notice_writes.channels, notice_writes.handle)
_POSITION: Final = Subject(position_writes.channels, position_writes.handle)

SUBJECT_OF: Final[dict[type[Write], Subject]] = {
    ChangeState: _STAGE,
    ShowCard: _STAGE,
    UndoCard: _STAGE,
    HideCard: _STAGE,
    StartRehearsal: _STAGE,
    Launch: _LAUNCH,
    PinNotice: _STAGE,
    SetPicture: _STAGE,
    SetTalk: _STAGE,
    Say: _CHAT,
    SettleLine: _CHAT,
    RemoveLine: _CHAT,
    Mute: _MUTE,
    FileReport: _REPORT,
    SettleReport: _REPORT,
    DismissAssistant: _ASSISTANT,
    Unmute: _MUTE,
    Ask: _QUESTION,
    AnswerQuestion: _QUESTION,
    Apply: _APPLICATION,
    Withdraw: _APPLICATION,
    OpenApplication: _APPLICATION,
    AnswerApplication: _APPLICATION,
    FillWaiting: _APPLICATION,
    TellMore: _APPLICATION,
    WithdrawConsent: _APPLICATION,
    EraseMe: _APPLICATION,
    AddAccount: _ACCOUNT,
    RevokePerson: _ACCOUNT,
    ChangeGrants: _ACCOUNT,
    SignedIn: _ACCOUNT,
    Invite: _INVITATION,
    RevokeInvitation: _INVITATION,
    JoinHouse: _INVITATION,
    AskCode: _CODE,
    ConfirmCode: _CODE,
    Saw: _NOTICE,
    ImportPositions: _POSITION,
    ReviewPositions: _POSITION,
    EditPosition: _POSITION,
    ClosePosition: _POSITION,
}
