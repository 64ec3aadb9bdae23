"""What a person may ask about themselves: consents, looks, all that is held."""

from server.core.model.applications import LookPurpose, MyApplication
from server.core.model.ids import ApplicationId, EnterpriseId, Value


class Consent(Value, frozen=True, kw_only=True):
    """A consent receipt (个人信息保护法 Art. 23): which text, to whom, when; `withdrawn_at_ms` 0 while it holds."""

    application: ApplicationId
    enterprise: EnterpriseId
    enterprise_name: str
    version: str
    at_ms: int
    withdrawn_at_ms: int = 0


class Look(Value, frozen=True, kw_only=True):
    """Somebody of this enterprise looked at the name and the number: when and why."""

    application: ApplicationId
    enterprise_name: str
    at_ms: int
    why: str = LookPurpose.CONTACT.value


class Held(Value, frozen=True, kw_only=True):
    """Name and number as they lie in one application; those only that the asking device may see."""

    application: ApplicationId
    name: str
    phone: str
    for_whom: str = ""


class MyRecord(Value, frozen=True, kw_only=True):
    """All that is held about one person (个人信息保护法 Art. 45)."""

    applications: tuple[MyApplication, ...] = ()
    held: tuple[Held, ...] = ()
    consents: tuple[Consent, ...] = ()
    looks: tuple[Look, ...] = ()


class Replies(Value, frozen=True, kw_only=True):
    """How an enterprise answers, from the log: of `received` applications `answered` got an answer, after `mean_ms` on
    average. Withdrawn ones nobody had answered do not count; those younger than `REPLY_DUE_MS` count once answered."""

    received: int = 0
    answered: int = 0
    mean_ms: int = 0


class Firm(Value, frozen=True, kw_only=True):
    """An enterprise as its specialist sees it: who waits, since when, and whether its own people were ever here."""

    enterprise: EnterpriseId
    name: str
    waiting: int = 0
    oldest_at_ms: int = 0
    signed_in_at_ms: int = 0
    replies: Replies = Replies()
