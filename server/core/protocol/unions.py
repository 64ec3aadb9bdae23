"""All messages of each direction, as one type each."""

from typing import get_args

from server.core.protocol.applying import Apply, MyApplications, MyApplicationsAre, Receipt, TellMore, Withdraw
from server.core.protocol.asking import (
    AnswerQuestion,
    Answers,
    Ask,
    Asked,
    DeskIs,
    ListAnswers,
    ListDesk,
)
from server.core.protocol.catalogue import (
    Changed,
    ClosePosition,
    EditPosition,
    ListPositions,
    ListReviews,
    PositionsAre,
    ReviewPositions,
    ReviewsAre,
)
from server.core.protocol.entering import CatchUp, CaughtUp, Hello, Join, Joined, Leave, Pong, Renew, Welcome
from server.core.protocol.enterprise import (
    AnswerApplication,
    ApplicationsAre,
    Filled,
    FillWaiting,
    FirmsAre,
    ListApplications,
    ListFirms,
    OpenApplication,
    Opened,
)
from server.core.protocol.invitations import (
    InvitationIs,
    Invite,
    Invited,
    ListPeople,
    ListScopes,
    PeopleAre,
    RevokeInvitation,
    RevokeRole,
    ScopesAre,
    SendInvitation,
    ShowInvitation,
)
from server.core.protocol.message import Done, Refused
from server.core.protocol.operator import Overview, OverviewIs
from server.core.protocol.people import AskCode, CodeSent, ConfirmCode, Saw
from server.core.protocol.privacy import EraseMe, MyData, MyDataIs, WithdrawConsent
from server.core.protocol.pushes import Ping, Pulse, Push, Restart
from server.core.protocol.reporting import ListReports, Report, ReportsAre, SettleReport
from server.core.protocol.stage import (
    AssistantsAre,
    ClearNotice,
    CutOff,
    DismissAssistant,
    EndSession,
    GoLive,
    HideCard,
    LaunchHalls,
    ListAssistants,
    PauseSession,
    PinNotice,
    RehearsalIs,
    ReopenSession,
    ResumeSession,
    SetPicture,
    SetTalk,
    ShowCard,
    StartRehearsal,
    UndoCard,
)
from server.core.protocol.talk import (
    DropLine,
    Mute,
    PassLine,
    RemoveLine,
    Say,
    Unmute,
    Waits,
)

Command = (
    Hello
    | Renew
    | Pong
    | Join
    | Leave
    | CatchUp
    | GoLive
    | EndSession
    | ShowCard
    | UndoCard
    | HideCard
    | StartRehearsal
    | PauseSession
    | ResumeSession
    | ReopenSession
    | CutOff
    | LaunchHalls
    | PinNotice
    | ClearNotice
    | SetPicture
    | SetTalk
    | ListAssistants
    | DismissAssistant
    | Report
    | ListReports
    | SettleReport
    | Say
    | PassLine
    | DropLine
    | RemoveLine
    | Mute
    | Unmute
    | Ask
    | AnswerQuestion
    | ListDesk
    | ListAnswers
    | Apply
    | Withdraw
    | MyApplications
    | ListApplications
    | OpenApplication
    | AnswerApplication
    | FillWaiting
    | Overview
    | AskCode
    | ConfirmCode
    | ListPeople
    | ListScopes
    | Invite
    | ShowInvitation
    | RevokeInvitation
    | SendInvitation
    | RevokeRole
    | ListReviews
    | ListPositions
    | ReviewPositions
    | EditPosition
    | ClosePosition
    | Saw
    | TellMore
    | ListFirms
    | WithdrawConsent
    | MyData
    | EraseMe
)

Reply = (
    Welcome
    | Done
    | Joined
    | CaughtUp
    | Receipt
    | MyApplicationsAre
    | ApplicationsAre
    | Opened
    | OverviewIs
    | CodeSent
    | PeopleAre
    | ScopesAre
    | Invited
    | InvitationIs
    | RehearsalIs
    | AssistantsAre
    | ReportsAre
    | ReviewsAre
    | PositionsAre
    | Changed
    | Waits
    | Asked
    | DeskIs
    | Answers
    | Refused
    | FirmsAre
    | Filled
    | MyDataIs
)

ServerMessage = Reply | Push | Pulse | Ping | Restart

COMMANDS: dict[str, type[Command]] = {str(kind.__struct_config__.tag): kind for kind in get_args(Command)}

SERVER_TAGS = frozenset(str(kind.__struct_config__.tag) for kind in get_args(ServerMessage))
