"""What a person asks about the data held of them (个人信息保护法 Art. 15, 44-47)."""

from server.core.model import MyRecord
from server.core.protocol.message import CommandBase, Key, ReplyBase, ShortId


class WithdrawConsent(CommandBase, frozen=True, kw_only=True, tag="withdraw_consent"):
    """Take back what one agreed to for one enterprise: it sees name and number no longer, and the applications there
    are withdrawn. Without the number confirmed, only for what this device sent. Replied by `done`."""

    enterprise: ShortId
    key: Key


class MyData(CommandBase, frozen=True, kw_only=True, tag="my_data"):
    """All that is held about this person. Replied by `my_data_is`."""


class MyDataIs(ReplyBase, frozen=True, kw_only=True, tag="my_data_is"):
    """All that is held about this person; looks are those at the number, by whom and why."""

    at_ms: int
    record: MyRecord


class EraseMe(CommandBase, frozen=True, kw_only=True, tag="erase_me"):
    """Wipe name and number: with the number confirmed from all applications of that number, without from what this
    device alone sent. That a service was given (position, steps, times) is kept as the law asks (网络招聘服务管理规定
    Art. 25). Replied by `done`."""

    key: Key
