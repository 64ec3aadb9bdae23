"""The one way from a command to what it does: both doors, the websocket and POST, end here."""

from collections.abc import Coroutine

from server.actions import (
    applications,
    asking,
    catalogue,
    chat,
    enterprise,
    filling,
    notices,
    reporting,
    session_life,
    stage,
)
from server.actions.applications import Terms
from server.actions.codes import Codes
from server.actions.people import People
from server.core import rules
from server.core.model import Principal, RegionCode
from server.core.protocol import (
    AnswerApplication,
    AnswerQuestion,
    Apply,
    Ask,
    AskCode,
    CatchUp,
    CaughtUp,
    ClearNotice,
    ClosePosition,
    Command,
    ConfirmCode,
    CutOff,
    DismissAssistant,
    DropLine,
    EditPosition,
    EndSession,
    EraseMe,
    FillWaiting,
    GoLive,
    HideCard,
    Invite,
    Joined,
    LaunchHalls,
    ListAnswers,
    ListApplications,
    ListAssistants,
    ListDesk,
    ListFirms,
    ListPeople,
    ListPositions,
    ListReports,
    ListReviews,
    ListScopes,
    Mute,
    MyApplications,
    MyData,
    OpenApplication,
    Overview,
    OverviewIs,
    PassLine,
    PauseSession,
    PinNotice,
    Refused,
    RemoveLine,
    ReopenSession,
    Report,
    ResumeSession,
    ReviewPositions,
    RevokeInvitation,
    RevokeRole,
    Saw,
    Say,
    SendInvitation,
    SetPicture,
    SetTalk,
    SettleReport,
    ShowCard,
    ShowInvitation,
    StartRehearsal,
    TellMore,
    UndoCard,
    Unmute,
    Withdraw,
    WithdrawConsent,
    refused,
)
from server.core.refusal import Code, Refusal
from server.core.regions import RegionTree
from server.hub.joining import Joining
from server.hub.pulse import PulseBeat
from server.store.store import Store
from server.store.writes import Committed


class Dispatch:
    """Knows which action answers which command, and nothing else."""

    def __init__(
        self, store: Store, tree: RegionTree, joining: Joining, pulse: PulseBeat, terms: Terms, codes: Codes
    ) -> None:
        self._store = store
        self._tree = tree
        self._places = catalogue.Map(tree)
        self._joining = joining
        self._pulse = pulse
        self._terms = terms
        self._codes = codes
        self._talking = chat.Talking(store, tree, must_confirm=codes.policy.confirmation != "off")
        self._people = People(store, tree, codes)

    def further(
        self, principal: Principal, command: Command, at_ms: int, done: Committed
    ) -> Coroutine[None, None, Committed] | None:
        """What a command leads to once everybody was told of it, and nobody waits for."""
        return self._talking.further(principal, command, at_ms, done) if isinstance(command, Say) else None

    async def act(self, principal: Principal, command: Command, at_ms: int) -> Committed:
        """Do it. Raises `Refusal`."""
        store = self._store
        match command:
            case Say():
                return await self._talking.say(principal, command, at_ms)
            case Ask():
                return await asking.ask(store, principal, command, at_ms)
            case AnswerQuestion():
                return await asking.answer(store, principal, command, at_ms)
            case ListAnswers():
                return await asking.list_answers(store, command)
            case ListDesk():
                return await asking.list_desk(store, self._tree, principal, command, at_ms)
            case PassLine() | DropLine():
                return await chat.settle_line(store, self._tree, principal, command, at_ms)
            case RemoveLine():
                return await chat.remove_line(store, self._tree, principal, command, at_ms)
            case Mute():
                return await chat.mute(store, self._tree, principal, command, at_ms)
            case Report():
                return await reporting.report(store, self._tree, principal, command, at_ms)
            case ListReports():
                return await reporting.list_reports(store, self._tree, principal, command)
            case SettleReport():
                return await reporting.settle_report(store, self._tree, principal, command, at_ms)
            case ListAssistants():
                return await stage.list_assistants(store, principal, command)
            case DismissAssistant():
                return await stage.dismiss_assistant(store, principal, command, at_ms)
            case Unmute():
                return await chat.unmute(store, self._tree, principal, command, at_ms)
            case Apply():
                return await applications.apply(store, principal, command, self._terms, at_ms)
            case Withdraw():
                return await applications.withdraw(store, principal, command, at_ms)
            case TellMore():
                return await applications.tell_more(store, principal, command, at_ms)
            case WithdrawConsent():
                return await applications.withdraw_consent(store, principal, command, at_ms)
            case MyData():
                return await applications.my_data(store, principal, at_ms)
            case EraseMe():
                return await applications.erase_me(store, principal, command, at_ms)
            case MyApplications():
                return await applications.my_applications(store, principal)
            case ShowCard():
                return await stage.show_card(store, principal, command, at_ms)
            case UndoCard():
                return await stage.undo_card(store, principal, command, at_ms)
            case HideCard():
                return await stage.hide_card(store, principal, command, at_ms)
            case PinNotice() | ClearNotice():
                return await stage.pin_notice(store, principal, command, at_ms)
            case SetPicture():
                return await stage.set_picture(store, principal, command, at_ms)
            case SetTalk():
                return await stage.set_talk(store, principal, command, at_ms)
            case GoLive() | EndSession() | PauseSession() | ResumeSession() | ReopenSession():
                return await session_life.step(store, principal, command, at_ms)
            case StartRehearsal():
                return await session_life.start_rehearsal(store, principal, command, at_ms)
            case LaunchHalls():
                return await session_life.launch(store, self._tree, principal, command, at_ms)
            case CutOff():
                return await session_life.cut_off(store, self._tree, principal, command, at_ms)
            case ListApplications():
                return await enterprise.list_applications(store, principal, command, at_ms)
            case ListFirms():
                return await enterprise.list_firms(store, principal, at_ms)
            case OpenApplication():
                return await enterprise.open_application(store, principal, command, at_ms)
            case AnswerApplication():
                return await enterprise.answer_application(store, principal, command, at_ms)
            case FillWaiting():
                return await filling.fill_waiting(store, self._tree, principal, command, at_ms)
            case AskCode():
                return await self._codes.ask(principal, command, at_ms)
            case ListPeople():
                return await self._people.list_people(principal, command, at_ms)
            case ListScopes():
                return await self._people.list_scopes(principal, command)
            case Invite():
                return await self._people.invite(principal, command, at_ms)
            case ShowInvitation():
                return await self._people.show(principal, command, at_ms)
            case SendInvitation():
                return await self._people.send(principal, command, at_ms)
            case RevokeInvitation():
                return await self._people.revoke_invitation(principal, command, at_ms)
            case RevokeRole():
                return await self._people.revoke_role(principal, command, at_ms)
            case Saw():
                return await notices.saw(store, principal, command, at_ms)
            case ConfirmCode():
                return await self._codes.confirm(principal, command, at_ms)
            case ListReviews():
                return await catalogue.list_reviews(store, self._tree, principal, command, at_ms)
            case ListPositions():
                return await catalogue.list_positions(store, principal, command, at_ms)
            case ReviewPositions():
                return await catalogue.review_positions(store, self._tree, principal, command, at_ms)
            case EditPosition():
                return await catalogue.edit_position(store, self._places, principal, command, at_ms)
            case ClosePosition():
                return await catalogue.close_position(store, self._tree, principal, command, at_ms)
            case Overview():
                return await self._overview(principal, RegionCode(command.region), at_ms)
            case CatchUp():
                return await self._catch_up(principal, command)
            case _:
                raise Refusal(Code.OUT_OF_TURN, detail=str(command.__struct_config__.tag))

    async def _overview(self, principal: Principal, region: RegionCode, at_ms: int) -> Committed:
        rules.require_operator(principal, self._tree.path(region))
        await self._pulse.fresh()
        return Committed(reply=OverviewIs(at_ms=at_ms, regions=self._pulse.branch(region)))

    async def _catch_up(self, principal: Principal, command: CatchUp) -> Committed:
        channels: list[Joined | Refused] = []
        for want in command.wants:
            try:
                channels.append(await self._joining.look(principal, want.channel, want.since))
            except Refusal as refusal:
                channels.append(refused(refusal))
        return Committed(reply=CaughtUp(channels=tuple(channels)))
