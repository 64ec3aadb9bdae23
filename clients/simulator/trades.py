"""What is asked for: the trades with their share of all openings, their pay of 2021 and their titles (own guesses).

Pay is yuan a month at a factor of 1.00 (长春); `usual` is how many people one title asks for on average.
"""

from functools import cache
from typing import Final, NamedTuple


class Title(NamedTuple):
    """One title. `at` names the kinds of industry that have it, all if empty; `most` is the most people of it;
    `needs` is what this title asks for where the trade's words do not fit it."""

    name: str
    at: str = ""
    most: int = 150
    needs: str = ""


class Trade(NamedTuple):
    """Titles that share pay and conditions. `office` people work days and have more free Saturdays."""

    share: int
    pay: tuple[int, int]
    base: tuple[int, int]
    usual: int
    education: tuple[str, ...]
    duties: str
    requirements: tuple[str, ...]
    titles: tuple[Title, ...]
    office: bool = False
    piecework: bool = False


_ANY: Final = ("不限", "初中及以上")
_SCHOOL: Final = ("高中/中专", "初中及以上", "高中/中专")
_COLLEGE: Final = ("大专", "大专", "本科")
_NEWCOMER: Final = ("无需经验，入职有师傅带", "服从安排，能适应倒班", "身体健康，踏实肯干")

TRADES: Final = (
    Trade(
        22,
        (3200, 4800),
        (1900, 2400),
        35,
        _ANY,
        "按工艺要求完成本工序的上料、操作、码放和现场清理。",
        _NEWCOMER,
        (
            Title("普工"),
            Title("操作工"),
            Title("生产普工"),
            Title("流水线操作工", "auto opto food power"),
            Title("冲压操作工", "auto metal machine"),
            Title("注塑操作工", "auto build opto"),
            Title("木工车间普工", "wood"),
            Title("窑炉工", "build metal"),
        ),
    ),
    Trade(
        10,
        (3800, 5800),
        (2200, 2200),
        22,
        _SCHOOL,
        "按图纸和工艺卡装配部件、总成，自检并填写记录。",
        ("会看简单图纸者优先", "有装配经验者优先，无经验可培训"),
        (
            Title("装配工", "auto rail machine power opto wood"),
            Title("装配钳工", "auto rail machine power metal"),
            Title("汽车内饰装配工", "auto"),
            Title("线束装配工", "auto rail opto power"),
            Title("电子装配工", "opto power"),
            Title("家具安装工", "wood build"),
        ),
    ),
    Trade(
        7,
        (5000, 9000),
        (2500, 2500),
        11,
        _SCHOOL,
        "完成部件的焊接与打磨，保证焊缝质量，遵守动火规定。",
        ("持有效焊工证", "持焊工证，会氩弧焊或二保焊", "持特种作业操作证，能看懂焊接图"),
        (
            Title("焊工（持证）", "auto rail machine metal power chem build"),
            Title("二保焊工", "auto rail machine metal power"),
            Title("氩弧焊工", "rail machine chem power"),
            Title("机器人焊接操作工", "auto rail machine"),
            Title("压力容器焊工", "machine chem"),
        ),
    ),
    Trade(
        6,
        (4800, 8000),
        (2500, 2500),
        10,
        ("高中/中专", "大专", "高中/中专"),
        "操作数控机床完成零件加工，首件检验，日常保养设备。",
        ("数控、机加相关专业，应届生可", "会看图纸，能独立对刀", "会简单编程者待遇从优"),
        (
            Title("数控车工", "auto rail machine metal power opto"),
            Title("加工中心操作工", "auto rail machine metal opto"),
            Title("数控铣工", "auto rail machine metal"),
            Title("数控编程员", "auto rail machine", 6, needs="会用UG或MasterCAM编程，两年以上经验"),
            Title("磨床工", "auto machine metal"),
        ),
    ),
    Trade(
        5,
        (4200, 6800),
        (2400, 2400),
        6,
        _SCHOOL,
        "负责生产设备和线路的巡检、维修与保养，排除故障。",
        ("持低压电工证", "有设备维修经验两年以上", "能适应倒班值守"),
        (
            Title("维修电工", needs="持低压电工证，两年以上经验"),
            Title("机修工"),
            Title("设备维修工"),
            Title("机电维修工"),
            Title("锅炉工（持证）", needs="持锅炉操作证，能倒班"),
        ),
    ),
    Trade(
        5,
        (3300, 5000),
        (2000, 2400),
        7,
        _SCHOOL,
        "按标准检验来料、过程件和成品，记录并上报不合格品。",
        ("会使用卡尺、千分尺等量具", "细心负责，无经验可培训"),
        (
            Title("质检员"),
            Title("QC检验员"),
            Title("巡检员"),
            Title("化验员", "chem food pharma metal", 20, needs="化学、食品、药学等相关专业"),
            Title("三坐标测量员", "auto rail machine opto", 5, needs="会操作三坐标测量机，能看懂图纸"),
        ),
    ),
    Trade(
        5,
        (3300, 5200),
        (1900, 2400),
        7,
        _ANY,
        "负责物料的收发、搬运、码垛和盘点，保持库区整洁。",
        ("持叉车证", "能吃苦，会用电脑者优先", "服从安排"),
        (
            Title("叉车司机", needs="持叉车证，一年以上驾驶经验"),
            Title("仓库管理员", most=10, needs="会用电脑做账，细心负责"),
            Title("搬运工", needs="身体健康，能吃苦"),
            Title("配货员"),
            Title("发货员", most=10),
        ),
    ),
    Trade(
        6,
        (2900, 4500),
        (1900, 2300),
        20,
        _ANY,
        "按卫生和批次规程完成配料、灌装、包装，做好记录。",
        ("可办理健康证", "能适应洁净车间着装要求", "身体健康，无需经验"),
        (
            Title("食品加工操作工", "food"),
            Title("制药操作工", "pharma"),
            Title("包装工", "food pharma chem build", needs="手脚麻利，无需经验"),
            Title("灌装工", "food pharma"),
            Title("分拣工", "food"),
            Title("酿造工", "food"),
            Title("提取车间操作工", "pharma"),
        ),
    ),
    Trade(
        5,
        (3000, 5800),
        (1900, 2200),
        22,
        _ANY,
        "按工序完成缝制、织造或整理，计件核算，多劳多得。",
        ("熟练工优先，新手带薪学习", "手脚灵活"),
        (
            Title("缝纫工", "textile auto"),
            Title("挡车工", "textile"),
            Title("织袜工", "textile"),
            Title("缝头工", "textile"),
            Title("定型工", "textile"),
            Title("裁剪工", "textile auto"),
        ),
        piecework=True,
    ),
    Trade(
        4,
        (3600, 5800),
        (2200, 2500),
        10,
        ("高中/中专", "大专"),
        "按规程操作装置，监视参数，做好交接班记录。",
        ("化工相关专业优先，能倒班", "持危险化学品作业证者优先"),
        (
            Title("化工操作工", "chem pharma"),
            Title("DCS操作员", "chem pharma"),
            Title("反应釜操作工", "chem pharma"),
            Title("纺丝操作工", "chem"),
            Title("污水处理工", "chem pharma food", 8, needs="能倒班，有水处理经验者优先"),
        ),
    ),
    Trade(
        4,
        (4500, 7500),
        (2200, 2600),
        5,
        _ANY,
        "完成货物或人员运输，做好车辆日常检查。",
        ("持B2及以上驾照，驾龄三年以上", "持A2驾照，熟悉省内路线", "持A1驾照，无重大事故记录"),
        (
            Title("货车司机（B2）", needs="持B2及以上驾照，驾龄三年以上"),
            Title("半挂司机（A2）", needs="持A2驾照，熟悉省内路线"),
            Title("班车司机（A1）", most=8, needs="持A1驾照，无重大事故记录"),
            Title("铲车司机", needs="持装载机操作证，两年以上经验"),
        ),
    ),
    Trade(
        4,
        (5000, 9500),
        (3000, 4200),
        4,
        ("本科", "大专", "本科"),
        "负责产品或设备的设计、工艺编制和现场问题处理。",
        ("机械、电气等相关专业", "会用CAD或SolidWorks", "两年以上相关经验，应届本科生可培养"),
        (
            Title("机械工程师", most=15, needs="机械相关专业，会用CAD或SolidWorks"),
            Title("电气工程师", most=15, needs="电气相关专业，会PLC编程"),
            Title("工艺工程师", most=15),
            Title("质量工程师", most=10),
            Title("自动化工程师", most=10, needs="自动化相关专业，会PLC编程"),
            Title("研发工程师", most=15),
            Title("药物制剂工程师", "pharma", 8, needs="药学、制剂相关专业"),
        ),
        office=True,
    ),
    Trade(
        2,
        (4000, 6800),
        (2500, 3200),
        3,
        _COLLEGE,
        "负责现场安全检查、隐患整改跟踪和设备台账。",
        ("持安全员证或注册安全工程师", "熟悉安全生产法规"),
        (Title("安全员", most=8), Title("设备管理员", most=6), Title("安全环保专员", most=5)),
        office=True,
    ),
    Trade(
        4,
        (3000, 9000),
        (3000, 3000),
        8,
        ("大专", "高中/中专", "不限"),
        "开发和维护客户，跟进订单和回款。",
        ("沟通能力好，能出差", "有同行业销售经验者优先"),
        (
            Title("销售代表", most=40),
            Title("区域销售经理", most=20),
            Title("客服专员", most=20),
            Title("外贸业务员", most=8, needs="英语、俄语或韩语可作工作语言"),
            Title("电商运营专员", most=8),
        ),
        office=True,
    ),
    Trade(
        3,
        (2900, 5500),
        (2100, 2800),
        3,
        _COLLEGE,
        "负责部门日常事务、物资采购或后勤保障。",
        ("熟练使用办公软件", "有责任心，有相关经验者优先"),
        (
            Title("采购专员", most=6),
            Title("行政文员", most=6),
            Title("后勤管理员", most=5),
            Title("人事专员", most=4),
            Title("生产统计员", most=6),
            Title("计划员", most=5),
        ),
        office=True,
    ),
    Trade(
        2,
        (3200, 10000),
        (2400, 4000),
        1,
        _COLLEGE,
        "负责账务处理、成本核算、报税或资料编写。",
        ("财会相关专业，持初级及以上会计证", "三年以上工业企业经验"),
        (
            Title("会计", most=4, needs="持初级及以上会计证，三年以上经验"),
            Title("成本会计", most=3),
            Title("出纳", most=2, needs="财会相关专业，细心负责"),
            Title("财务经理", most=1, needs="中级会计师及以上，五年以上工业企业经验"),
            Title("文案策划", most=3, needs="中文、新闻等相关专业，文字功底好"),
        ),
        office=True,
    ),
    Trade(
        3,
        (3800, 6000),
        (2400, 3000),
        8,
        ("大专", "本科", "大专"),
        "轮岗学习生产、技术和管理，按培养计划定岗。",
        ("应届毕业生，专业不限", "理工科应届毕业生优先"),
        (
            Title("储备干部", most=60, needs="应届毕业生，专业不限"),
            Title("技术员", most=40),
            Title("车间管培生", most=40),
            Title("工艺技术员", most=30),
        ),
    ),
    Trade(
        3,
        (1900, 3400),
        (1700, 1900),
        6,
        _ANY,
        "负责厂区值守、保洁或食堂餐食。",
        ("身体健康，责任心强", "可办理健康证"),
        (
            Title("保安", needs="身体健康，责任心强，退伍军人优先"),
            Title("保洁员"),
            Title("食堂厨师", most=6, needs="会做大锅菜，可办理健康证"),
            Title("食堂帮厨", most=12, needs="可办理健康证"),
            Title("宿舍管理员", most=5),
        ),
    ),
)

_RARITY: Final = {
    "普工": 0.75,
    "装配工": 1.7,
    "焊工（持证）": 1.58,
    "数控车工": 2.85,
    "维修电工": 0.71,
    "质检员": 0.68,
    "叉车司机": 0.75,
    "食品加工操作工": 1.29,
    "缝纫工": 6.15,
    "化工操作工": 2.26,
    "货车司机（B2）": 0.73,
    "机械工程师": 0.72,
    "安全员": 0.74,
    "销售代表": 0.83,
    "采购专员": 0.77,
    "会计": 0.54,
    "储备干部": 0.73,
    "保安": 0.81,
}
"""By a trade's first title: how much more often an industry asks for the trade if it has it at all, found by trying
until the shares of all openings over five seeds came out within 1.1 points of `share`."""


@cache
def offers_of(kind: str) -> tuple[tuple[tuple[Trade, Title], float], ...]:
    """The titles a kind of industry has, each with its weight."""
    found: list[tuple[tuple[Trade, Title], float]] = []
    for trade in TRADES:
        titles = [title for title in trade.titles if not title.at or kind in title.at.split()]
        weight = trade.share / trade.usual * _RARITY[trade.titles[0].name]
        found.extend(((trade, title), weight / len(titles)) for title in titles)
    return tuple(found)
