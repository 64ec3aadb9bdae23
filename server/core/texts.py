"""The words of messages to phones. No name, nothing an enterprise wrote: a message is read by whoever holds the phone.

Gateways in China want the sender's sign in 【】 first (通信短信息服务管理规定: a message names who sends it).
"""

from collections.abc import Mapping
from typing import Final

from server.core.model import ApplicationStatus, Role

TITLE_LIMIT: Final = 16
"""Characters of a title: a message of more than 70 is billed as two."""


def code_text(sign: str, code: str, minutes: int) -> str:
    """A code."""
    return f"【{sign}】验证码 {code}，{minutes} 分钟内有效。不要告诉别人；不是您本人操作的，不用理会。"


STEP_WORDS: Final[Mapping[ApplicationStatus, str]] = {
    ApplicationStatus.CONTACTED: "企业联系过您",
    ApplicationStatus.INTERVIEW: "约您面试",
    ApplicationStatus.INTENT: "有初步意向",
    ApplicationStatus.HIRED: "已录用",
    ApplicationStatus.UNSUITABLE: "这次不太合适",
    ApplicationStatus.FILLED: "岗位已招满",
}
"""The steps that are told to a phone; `viewed` is none (it asks nothing of anybody), and who is at work knows it."""


def step_text(sign: str, title: str, status: ApplicationStatus, link: str) -> str:
    """A step of an application. The page opens by a code to this very number."""
    return f"【{sign}】您投的“{title[:TITLE_LIMIT]}”有回复：{STEP_WORDS[status]}。凭本机验证码查看：{link}"


ROLE_WORDS: Final[Mapping[Role, str]] = {
    Role.HOST: "主播",
    Role.ASSISTANT: "场控",
    Role.HR: "企业招聘",
    Role.SPECIALIST: "用工服务专员",
    Role.OPERATOR: "运营",
    Role.ADMIN: "管理员",
}


def invitation_text(sign: str, role: Role, title: str, link: str) -> str:
    """An invitation, to the number on file."""
    return f"【{sign}】请您以“{ROLE_WORDS[role]}”身份加入（{title[:TITLE_LIMIT]}），7 天内点开并设密码：{link}"
