"""The words of messages to phones. No name, nothing an enterprise wrote: a message is read by whoever holds the phone.

Gateways in China want the sender's sign in 【】 first (通信短信息服务管理规定 Art. 18: who sends it).
"""


def code_text(sign: str, code: str, minutes: int) -> str:
    """A code."""
    return f"【{sign}】验证码 {code}，{minutes} 分钟内有效。不要告诉别人；不是您本人操作的，不用理会。"
