"""The words a recruiting chat does without, as data: (word, why, whether it may be asked about).

Small on purpose: every word was weighed against what seekers really write (tests/core/test_wordfilter.py keeps those
lines). Fees, loans and exclusions may be asked about, 「要交押金吗」 is the best question of all; an offer, a contact
or an insult is one in a question too. Sources: 人力资源市场暂行条例 Art. 24, 27 (no fees under false pretences, no
discrimination), 就业促进法 Art. 26-31, and the complaints of the field: fees before work, training loans, 刷单.
"""

from enum import StrEnum
from typing import Final, NamedTuple


class Why(StrEnum):
    """Why a line is not passed on. A page has a sentence for each."""

    FEE = "fee"
    LOAN = "loan"
    LURE = "lure"
    CONTACT = "contact"
    DISCRIMINATION = "discrimination"
    INSULT = "insult"


class Word(NamedTuple):
    """One entry. `askable`: harmless in a question or a warning."""

    text: str
    why: Why
    askable: bool = False


def _words(why: Why, text: str, *, askable: bool = False) -> tuple[Word, ...]:
    return tuple(Word(word, why, askable) for word in text.split())


LEXICON: Final[tuple[Word, ...]] = (
    *_words(
        Why.FEE,
        "押金 保证金 培训费 岗前培训费 服务费 中介费 介绍费 报名费 入职费 办证费 体检费自理 服装费 建档费 "
        "先交钱 先转账",
        askable=True,
    ),
    *_words(Why.LOAN, "培训贷 招转培 先培训后上岗 分期培训 美容贷 包装贷 学费贷款", askable=True),
    *_words(
        Why.LURE,
        "刷单 刷信誉 刷好评 打字员兼职 日赚 日入过千 躺赚 轻松月入 无需到岗 在家赚钱 高薪出国 境外高薪 "
        "内部名额 花钱买岗 保录 包过 跑分 出租银行卡 收银行卡 收电话卡 博彩 网赌 陪聊 裸聊 代开发票",
    ),
    *_words(
        Why.CONTACT,
        "加微信 加我微信 加个微信 加薇信 加威信 加徽信 加卫星 加vx 加wx 加v信 加我v 加qq 加我qq 加扣扣 加企鹅 "
        "私聊我 私信我 扫码进群 进群找我 拉你进群 打我电话",
    ),
    *_words(
        Why.DISCRIMINATION,
        "不要女的 不招女的 女的不要 女的别来 只要男的 不要男的 只招男的 限男性 限女性 不要乙肝 乙肝不要 "
        "不要残疾 不招残疾 不要少数民族 不招少数民族 不要东北人 不要河南人 不要新疆人 不要本地人 不招本地人 "
        "不要外地人 不招外地人 已婚不要 未育不要 不要孕妇",
        askable=True,
    ),
    *_words(
        Why.INSULT,
        "傻逼 傻b 傻比 煞笔 他妈的 你妈的 操你 草你妈 草泥马 日你 王八蛋 狗日的 狗东西 滚你 脑残 贱人 婊子 "
        "畜生 死全家 不要脸的",
    ),
)
