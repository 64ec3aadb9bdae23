"""Nouns and bodies to show the protocol with. Nobody in here is real: ids are letters and numbers, names say what
they stand for."""

from server.core import bodies
from server.core.model import (
    Applicant,
    ApplicationId,
    ApplicationStatus,
    ApplicationStep,
    Card,
    EnterpriseId,
    Epoch,
    FairId,
    MyApplication,
    Numbers,
    PersonId,
    Position,
    PositionId,
    RegionCode,
    Session,
    SessionId,
    SessionState,
    VenueId,
)

KEY = "key-00000001"
AT_MS = 1_638_000_000_000
EPOCH = Epoch("e1")
S01, P01, E01, A01 = SessionId("S01"), PositionId("P01"), EnterpriseId("E01"), ApplicationId("A01")
JILIN, CHANGCHUN = RegionCode("220000"), RegionCode("220100")

POSITION = Position(
    id=P01,
    enterprise=E01,
    title="焊工",
    region=CHANGCHUN,
    openings=12,
    enterprise_name="示例工厂",
    place="长春市",
    base_yuan=3500,
    pay_min_yuan=5000,
    pay_max_yuan=7000,
    shift="两班倒",
    benefits=("五险", "包住"),
    valid_until="2021-12-31",
    synthetic=True,
)
CARD = Card(number=3, position=POSITION)
SESSION = Session(
    id=S01,
    venue=VenueId("V01"),
    fair=FairId("F01"),
    region=CHANGCHUN,
    title="长春专场",
    venue_name="长春会场",
    state=SessionState.LIVE,
    live_at_ms=AT_MS,
)
MINE = MyApplication(
    id=A01,
    receipt="R-7K2M9",
    position=P01,
    position_title="焊工",
    enterprise_name="示例工厂",
    session=S01,
    status=ApplicationStatus.INTERVIEW,
    applied_at_ms=AT_MS,
    changed_at_ms=AT_MS + 60_000,
    steps=(
        ApplicationStep(status=ApplicationStatus.APPLIED, at_ms=AT_MS),
        ApplicationStep(status=ApplicationStatus.INTERVIEW, at_ms=AT_MS + 60_000, note="周一九点到厂面试"),
    ),
)
MASKED = Applicant(
    id=A01,
    receipt="R-7K2M9",
    enterprise=E01,
    position=P01,
    position_title="焊工",
    name="求**",
    phone="138****8000",
    revealed=False,
    status=ApplicationStatus.APPLIED,
    applied_at_ms=AT_MS,
    changed_at_ms=AT_MS,
)
NUMBERS = Numbers(live=1, online=400, cards=7, applications=52, intents=9)

BODIES: tuple[bodies.AnyBody, ...] = (
    bodies.StateChanged(state=SessionState.LIVE),
    bodies.CardShown(card=CARD),
    bodies.CardHidden(position=P01),
    bodies.CardUndone(position=P01),
    bodies.ShelfChanged(revision=2),
    bodies.Line(author="a7", name="观众一", text="包吃住吗?"),
    bodies.ApplicationCame(position=P01, total=52),
    bodies.ApplicationNew(application=A01, position=P01, session=S01),
    bodies.ApplicationMoved(application=A01, position=P01, status=ApplicationStatus.INTERVIEW),
    bodies.RoomChanged(session=S01, state=SessionState.ENDED),
    bodies.Revoked(person=PersonId("H01"), before_ms=AT_MS),
    bodies.PhoneConfirmed(),
    bodies.CardUpdated(card=CARD),
    bodies.PositionsChanged(),
    bodies.ApplicationChanged(application=A01, position=P01),
)
