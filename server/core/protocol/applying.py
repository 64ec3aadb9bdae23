"""Applying, and following one's own applications."""

from typing import Annotated

from msgspec import Meta

from server.core.model import ApplicationId, ApplicationStatus, MyApplication, NightShift
from server.core.protocol.message import CommandBase, Key, Name, ReplyBase, ShortId, Source


class Apply(CommandBase, frozen=True, kw_only=True, tag="apply"):
    """投递. The same phone and `for_whom` for the same position is one application, whatever is resent.
    Replied by `receipt`."""

    session: ShortId
    position: ShortId
    name: Name
    phone: Annotated[str, Meta(max_length=24)]
    consent: Annotated[str, Meta(max_length=32, description="version of the consent text that was shown")]
    age_confirmed: bool
    key: Key
    for_whom: Name = ""
    source: Source = ""
    version: Annotated[
        int, Meta(ge=0, le=2**31 - 1, description="version of the position that was shown; 0: not told")
    ] = 0
    age: Annotated[int, Meta(ge=0, le=150, description="years, where the person says so; never stored")] = 0


class Withdraw(CommandBase, frozen=True, kw_only=True, tag="withdraw"):
    """撤回. With the number confirmed it takes the application back; without, what this device sent, and the
    application when nobody else sent the same. Replied by `done`."""

    application: ShortId
    key: Key


class TellMore(CommandBase, frozen=True, kw_only=True, tag="tell_more"):
    """The two questions after the receipt: 夜班行吗？几天能到岗？ The enterprise sees the answers.
    Replied by `done`."""

    application: ShortId
    key: Key
    night_shift: NightShift = NightShift.UNKNOWN
    start_in_days: Annotated[int, Meta(ge=0, le=365)] | None = None


class MyApplications(CommandBase, frozen=True, kw_only=True, tag="my_applications"):
    """我的投递. Replied by `my_applications_are`."""


class Receipt(ReplyBase, frozen=True, kw_only=True, tag="receipt"):
    """The application is on disk. `already`: this device sent it before, or has confirmed the number, and it was
    there."""

    application: ApplicationId
    receipt: str
    status: ApplicationStatus
    applied_at_ms: int
    already: bool = False


class MyApplicationsAre(ReplyBase, frozen=True, kw_only=True, tag="my_applications_are"):
    """我的投递, newest first."""

    applications: tuple[MyApplication, ...]
