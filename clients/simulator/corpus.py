"""What people write into the chat of a fair: lines by weight with slots, and lines that must not pass, each with
the reason the house has to give. A considered guess; no line was written by anybody."""

from typing import Final, NamedTuple

from clients.simulator.luck import Luck
from server.core.questions import EXPLAIN

BAD_SHARE: Final = 0.02
"""How many lines are ones that must be refused."""
ZALGO_SHARE: Final = 0.003
"""Lines under heaps of marks: they pass, cleaned."""


class Bad(NamedTuple):
    """A line that must be refused, and why (`server.core.lexicon.Why`)."""

    text: str
    why: str


KINDS: Final[tuple[tuple[float, tuple[str, ...]], ...]] = (
    (26, (
        "这个{trade}一个月到手多少？", "底薪多少，加班费怎么算", "是计件还是计时", "长白班还是倒班", "上六休一吗",
        "工资压不压，几号开支", "试用期多少钱", "有没有日结", "冬天取暖补助有吗",
    )),
    (18, ("包吃住不", "有没有夫妻房", "几人间，有热水没", "班车到{town}不", "餐补多少", "宿舍收水电费不")),
    (16, (
        "没经验行不行", "{age}岁要不要", "初中毕业能干吗", "女的要不要", "有焊工证给涨钱不", "退伍军人优先吗",
        "眼睛近视行不", "应届生要不要，学数控的",
    )),
    (10, ("厂子在哪，离{town}远不", "多暂能上班", "今天去现场还来得及不", "公主岭归长春还是四平招啊")),
    (9, ("在哪报名", "点哪个投", "投了咋没动静呢", "能不能给打个电话", "简历没有咋整", "我妈想报，我替她填行不")),
    (7, ("是正式工还是劳务派遣", "签合同不，跟谁签", "收不收费啊", "真的假的，去年去过不是这个价", "交不交五险")),
    (6, ("讲讲 {number} 号", "再说一遍刚才那个叉车的", "有没有{trade}")),
    (6, ("主播好", "支持家乡企业", "能听见", "卡了", "声音小点", "老铁没毛病")),
    (1, ("기숙사 있어요?", "월급은 얼마예요?")),
    (1, ("别去，黑厂", "这家去年拖工资")),
)  # fmt: skip
"""By weight. 别去，黑厂 is a complaint and no insult: it passes, and is reported instead."""

BAD: Final[tuple[Bad, ...]] = (
    Bad("加微信 {account} 高薪日结", "contact"),
    Bad("打我电话 {phone}", "contact"),
    Bad("电话{spoken}，直接来", "contact"),
    Bad("扫码进群，名额不多", "contact"),
    Bad("交300服装费直接上岗", "fee"),
    Bad("先交钱，包分配", "fee"),
    Bad("先培训后上岗，学费贷款", "loan"),
    Bad("保录国企内部名额", "lure"),
    Bad("刷单兼职一天500", "lure"),
    Bad("刷​单 日*赚 八百", "lure"),
    Bad("这厂只要男的，别来了", "discrimination"),
    Bad("主播脑残", "insult"),
)

TRADES: Final = ("焊工", "普工", "数控", "叉车", "质检", "会计", "电工", "装配")
TOWNS: Final = ("九台", "德惠", "农安", "双阳", "公主岭", "榆树")
ANSWERS: Final[tuple[tuple[str, tuple[str, ...], str], ...]] = (
    ("housing", ("住", "几人间", "宿舍"), "包住，四人间，有热水，水电不收钱"),
    ("couple", ("夫妻",), "有夫妻房，先到先得"),
    ("meals", ("吃", "餐"), "食堂管三顿，不扣钱"),
    ("bus", ("班车", "离", "在哪"), "早晚有班车，路线卡片上写着"),
    ("payday", ("开支", "压", "日结"), "每月十五号开支，不压工资"),
    ("probation", ("试用",), "试用期一个月，工资一样"),
    ("base", ("多少", "计件", "底薪"), "底薪和综合分开说，卡片上都写着"),
    ("night", ("夜班", "白班", "倒班"), "两班倒，一周一换，夜班另有补助"),
    ("rest", ("休",), "上六休一，加班按规定算"),
    ("insurance", ("险", "合同", "劳务"), "签合同，五险都交"),
    ("age", ("岁", "女的", "毕业", "退伍", "眼睛"), "能干就行，到面试时细说"),
    ("", ("经验", "应届", "证"), "没经验有师傅带"),
    ("", ("费", "真的假的"), "不收任何费用，谁收费您就举报"),
    ("", ("报", "投", "简历", "电话"), "点卡片上的投递，填姓名电话就行"),
)
"""What hosts answer: to a quick question by its topic, to a free one by what stands in it."""
EXPLAINED: Final = "这就讲"
ELSE: Final = "问一下企业，马上告诉大家"


def answer_to(topic: str, text: str) -> str:
    """What a host says to that question."""
    for name, words, answer in ANSWERS:
        if name == topic or any(word in text for word in words):
            return answer
    return EXPLAINED if topic == EXPLAIN else ELSE


NOTICES: Final = ("报名不收任何费用", "报名以后企业会看到您的姓名电话，可以随时撤回")
GREETINGS: Final = ("大家好，先听主会场的开幕", "想听哪个岗位，打几号就行", "报名就点卡片上的投递")
"""What hosts write."""
_MARKS: Final = "̴̵̶̷̸̀́̂̃̄̅̆"


class Said(NamedTuple):
    """A line as somebody types it. `why`: it has to be refused for this; empty: it has to pass."""

    text: str
    why: str = ""


def draw(luck: Luck, titles: int) -> Said:
    """A line of a viewer in a hall with so many titles on its shelf."""
    if luck.chance(BAD_SHARE):
        bad = luck.pick(BAD)
        return Said(_filled(bad.text, luck, titles), bad.why)
    text = _filled(luck.pick(luck.weighted([(lines, weight) for weight, lines in KINDS])), luck, titles)
    if luck.chance(ZALGO_SHARE):
        text = "".join(char + _MARKS for char in text)[:190]
    return Said(text)


def _filled(text: str, luck: Luck, titles: int) -> str:
    if "{" not in text:
        return text
    number = f"{luck.below(10_000):04d}"
    return text.format(
        trade=luck.pick(TRADES),
        town=luck.pick(TOWNS),
        age=luck.between(38, 56),
        number=1 + luck.below(titles),
        account=f"zhao{luck.between(100_000, 999_999)}",
        phone=f"199 0000 {number}",
        spoken="幺九九零零零零" + "".join("零一二三四五六七八九"[int(digit)] for digit in number),
    )
