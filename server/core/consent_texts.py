"""What a person agrees to before an application is sent, as data: each version for ever, in both languages.

个人信息保护法 Art. 14, 17, 23: the separate consent to hand personal data to somebody else names the recipient and how
to reach them, the purpose, the way of handling and the kinds of data. A text that was shown once is never edited: a new
text is a new version here, and `consent.version` in config.yaml names the one in force.
"""

from types import MappingProxyType
from typing import Final

import msgspec


class ConsentWords(msgspec.Struct, frozen=True, kw_only=True):
    """One version in one language. `{enterprise}` stands for the recipient, `{contact}` for how to reach the house."""

    short: str
    recipient: str
    purpose: str
    kinds: str
    keeping: str
    rights: str
    contact: str


class ConsentText(msgspec.Struct, frozen=True, kw_only=True):
    """One version of the text. `since`: the day it was first in force, ISO 8601."""

    version: str
    since: str
    words: dict[str, ConsentWords]


_FIRST: Final = ConsentText(
    version="2026-11",
    since="2026-11-01",
    words={
        "zh-CN": ConsentWords(
            short="您的称呼和手机号只发给“{enterprise}”和为它服务的用工专员，只用来联系这次应聘，不会公开，也不给别的企业。"
            "随时可以在“我的投递”里撤回。",
            recipient="接收方：“{enterprise}”，以及为它服务的公共用工服务专员。不给别的企业，不公开。",
            purpose="用途：联系您本次应聘，包括打电话、约面试、告诉您结果。不做别的用。",
            kinds="给出的信息：您写的称呼和手机号；替家人填的，还有家人的称呼；投递后您愿意回答的两个问题。不要身份证号，不要照片。",
            keeping="保存：企业打开您的号码会留下记录。按规定，招聘服务的记录至少保存三年；您要求删除后，记录里不再有您的称呼和号码。",
            rights="您可以随时撤回投递、收回对这家企业的同意、查看谁看过您的号码、导出或删除您的信息，都在“我的投递”的“隐私”里。收回以前已经发生的联系不受影响。",
            contact="有疑问请联系：{contact}",
        ),
        "en": ConsentWords(
            short="Your name and number go to “{enterprise}” and its service specialist only, to contact you about "
            "this application. They are not made public and not given to anybody else. You can take it back at any "
            "time under “My applications”.",
            recipient="Recipient: “{enterprise}” and the public employment specialist who serves it. Nobody else.",
            purpose="Purpose: to contact you about this application: calls, interviews, the result. Nothing else.",
            kinds="Data: the name and number you enter; the family member's name where you fill in for one; your "
            "answers to the two questions afterwards, if you give them. No identity number, no photo.",
            keeping="Keeping: each look at your number is recorded. Records of recruitment services are kept for at "
            "least three years; after you ask for erasure they hold neither your name nor your number.",
            rights="You may withdraw the application, take back the consent for this enterprise, see who looked at "
            "your number, export or erase your data at any time: “My applications”, “Privacy”. What happened before "
            "stays lawful.",
            contact="Questions: {contact}",
        ),
    },
)

CONSENTS: Final = MappingProxyType({text.version: text for text in (_FIRST,)})
"""Every version there ever was."""
