"""What a viewer wants of the hub, until it is answered: commands, their keys, and what their replies mean."""

import time

from msgspec.structs import replace

from clients.simulator.ledger import Got, Ledger
from clients.simulator.plan import Act, Application, Apply, Ask, Complain, Confirm, Say, Visit, Way, Withdraw
from server.core import protocol
from server.core.model import ApplicationStatus, ReportReason, ReportSubject
from server.core.protocol import Asked, CodeSent, Command, Done, Receipt, Refused, Reply, Waits
from server.core.refusal import Code


class Errand:
    """A command that waits for its reply. `id` is that of the link it was sent on, 0 while it is on none."""

    __slots__ = ("act", "command", "first_ns", "id", "number", "sends", "way")

    def __init__(self, act: Act, command: Command, number: int = -1, way: Way = Way.ONCE) -> None:
        self.act = act
        self.command = command
        self.number = number
        self.way = way
        self.id = 0
        self.first_ns = 0
        self.sends = 0


class Errands:
    """Makes errands of what the plan says and reads their replies into the ledger."""

    def __init__(
        self, applications: tuple[Application, ...], sessions: tuple[str, ...], ledger: Ledger, run: str
    ) -> None:
        """`run` stands in every key, so that a second day in the same house is another one."""
        self._applications = applications
        self._sessions = sessions
        self._ledger = ledger
        self._run = run
        self._keys = 0
        self._given_up: set[int] = set()
        self.consent = ""
        self.versions: dict[str, int] = {}

    def of(self, act: Act, hall: int) -> list[Errand] | None:
        """The commands of an act; `None` when it cannot be done yet: a page offers nothing before its hall is on air,
        and what has no receipt cannot be taken back."""
        session = self._sessions[hall]
        if session not in self._ledger.on_air and not isinstance(act, Confirm):
            return None
        match act:
            case Apply(number=number):
                return self._applying(act, self._applications[number], session)
            case Withdraw(number=number):
                held = self._ledger.forms.get(number)
                if held is None:
                    return [] if number in self._given_up else None
                mine = next(iter(held.receipts))  # who withdraws has no twin
                return [Errand(act, protocol.Withdraw(application=mine, key=f"{self._run}-w{number}"))]
            case Say(text=text):
                return [Errand(act, protocol.Say(session=session, text=text, key=self._key("s")))]
            case Ask(position=position, topic=topic):
                key = self._key("a")
                return [Errand(act, protocol.Ask(session=session, position=position, topic=topic, key=key))]
            case Complain(position=position):
                return [Errand(act, self._complaint(session, position))]
            case Confirm(phone=phone):
                return [Errand(act, protocol.AskCode(phone=phone, key=self._key("c")))]

    def _applying(self, act: Apply, form: Application, session: str) -> list[Errand]:
        first = form.number if form.twin_of < 0 else form.twin_of
        command = protocol.Apply(
            session=session,
            position=form.position,
            name=form.name,
            phone=form.phone,
            consent=self.consent,
            age_confirmed=True,
            key=f"{self._run}-p{form.number}",
            for_whom=form.for_whom,
            source=f"hall-{session}",
            version=self.versions.get(form.position, 0),
        )
        found = [Errand(act, command, first, form.way)]
        if form.way is Way.TWICE:
            found.append(Errand(act, command, first))
        elif form.way is Way.TWO_KEYS:
            found.append(Errand(act, replace(command, key=f"{self._run}-q{form.number}"), first))
        return found

    def _complaint(self, session: str, position: str) -> protocol.Report:
        return protocol.Report(
            session=session,
            subject=ReportSubject.CARD,
            reason=ReportReason.FALSE,
            key=self._key("r"),
            position=position,
            text="模拟的举报：工资和卡片上说的不一样",
        )

    def _key(self, kind: str) -> str:
        self._keys += 1
        return f"{self._run}-{kind}{self._keys}"

    def answered(self, errand: Errand, reply: Reply, visit: Visit) -> Errand | None:
        """What a final reply means to who is there on that visit; what follows from it, if anything does."""
        ledger = self._ledger
        match reply:
            case Receipt():
                self._got(errand, reply, visit.person)
                if errand.sends == 1:  # of the others, most of the time is a network's that was down
                    ledger.receipt_us.add((time.monotonic_ns() - errand.first_ns) // 1000)
                ledger.counts["receipts"] += 1
                ledger.counts["receipts again"] += reply.already
            case Done():
                self._done(errand, reply, self._sessions[visit.hall])
            case CodeSent(code=code) if code and isinstance(errand.act, Confirm):
                phone = errand.act.phone
                return Errand(errand.act, protocol.ConfirmCode(phone=phone, code=code, key=self._key("k")))
            case Asked():
                ledger.counts["questions"] += 1
            case Waits():
                ledger.counts["lines waiting"] += 1
            case Refused():
                self._refused(errand, reply)
            case _:
                ledger.counts["other replies"] += 1
        return None

    def _got(self, errand: Errand, receipt: Receipt, device: int) -> None:
        form = self._applications[errand.number]
        session = self._sessions[form.hall]
        got = Got(errand.number, device, receipt.application, receipt.receipt, session, form.position)
        self._ledger.receipt(got)

    def _done(self, errand: Errand, done: Done, session: str) -> None:
        match errand.act:
            case Say(text=text, why=why):
                self._ledger.said(session, done.offset)
                if why:
                    self._ledger.problem(f"chat/{session} {done.offset}: {text!r} was to be refused for {why}")
            case Withdraw(number=number):
                self._ledger.moved(next(iter(self._ledger.forms[number].receipts)), ApplicationStatus.WITHDRAWN)
                self._ledger.counts["withdrawn"] += 1
            case Complain():
                self._ledger.reports += 1
            case Confirm():
                self._ledger.counts["numbers confirmed"] += 1

    def _refused(self, errand: Errand, refused: Refused) -> None:
        why = str(refused.params.get("why", ""))
        kind = str(errand.command.__struct_config__.tag)
        self._ledger.refused[f"{kind} {refused.code.value}{' ' + why if why else ''}"] += 1
        match errand.act:
            case Say(text=text, why=expected) if (refused.code is Code.CHAT_WORD) != bool(expected):
                if expected and refused.code in (Code.SESSION_ENDED, Code.SESSION_NOT_LIVE, Code.PHONE_UNCONFIRMED):
                    return  # it came too late to be read at all
                self._ledger.problem(
                    f"{text!r} was refused: {refused.code.value} {why}; expected {expected or 'to pass'}"
                )
            case Say(text=text, why=expected) if expected != why:
                self._ledger.problem(f"{text!r} was refused for {why}, not for {expected}")
            case Apply(number=number):
                self._given_up.add(number)
                self._ledger.thwarted(f"application {number} was refused: {refused.code.value}")
            case _:
                pass
