"""What each place makes, and the words its made-up enterprises are named from (weights: own, after 2021 statistics)."""

from typing import Final, NamedTuple


class Industry(NamedTuple):
    """A branch of industry at one place: its share of the place's enterprises, its name, words for company names."""

    weight: float
    kind: str
    name: str
    words: tuple[str, ...]


def _auto(weight: float) -> Industry:
    return Industry(weight, "auto", "汽车零部件", ("汽车零部件", "汽车部件", "车桥", "汽车饰件", "汽车电子"))


def _food(weight: float, *words: str) -> Industry:
    return Industry(weight, "food", "农产品与食品加工", words or ("食品", "粮油", "肉业", "玉米食品"))


def _pharma(weight: float, *words: str) -> Industry:
    return Industry(weight, "pharma", "医药", words or ("药业", "生物制药", "医药"))


def _wood(weight: float) -> Industry:
    return Industry(weight, "wood", "木制品", ("木业", "家居", "地板"))


def _build(weight: float) -> Industry:
    return Industry(weight, "build", "建材与包装", ("建材", "包装制品", "塑业", "门窗"))


BY_CITY: Final[dict[str, tuple[Industry, ...]]] = {
    "220100": (
        Industry(0.34, "auto", "汽车整车与零部件", ("汽车零部件", "汽车部件", "车桥", "汽车饰件", "汽车电子", "车身")),
        Industry(0.10, "rail", "轨道客车装备", ("轨道装备", "轨道客车配件", "车辆装备")),
        _food(0.16),
        _pharma(0.12, "药业", "生物制品", "生物科技"),
        Industry(0.10, "opto", "光电与电子", ("光电", "电子", "光学仪器")),
        _build(0.18),
    ),
    "220200": (
        Industry(0.30, "chem", "石化与精细化工", ("化工", "精细化工", "石化")),
        Industry(0.12, "chem", "碳纤维与化纤", ("碳纤维", "化纤", "复合材料")),
        Industry(0.12, "metal", "冶金与铁合金", ("铁合金", "冶金", "特钢")),
        _auto(0.12),
        _food(0.14),
        Industry(0.20, "power", "木制品与电力装备", ("电力设备", "木业", "电气")),
    ),
    "220300": (
        Industry(0.28, "machine", "换热器与机械", ("换热设备", "机械", "热能装备")),
        Industry(0.20, "machine", "农机与专用车", ("农业机械", "专用汽车", "农机")),
        _food(0.22, "食品", "酿酒", "酒业"),
        Industry(0.10, "chem", "化工", ("化工", "化工材料")),
        _build(0.20),
    ),
    "220400": (
        Industry(0.36, "textile", "袜业与纺织", ("袜业", "纺织", "针织")),
        Industry(0.20, "machine", "高精铝与装备", ("铝业", "装备制造", "机械")),
        _pharma(0.14),
        Industry(0.12, "power", "蓄电池与新能源", ("蓄电池", "新能源")),
        _food(0.18),
    ),
    "220500": (
        _pharma(0.42, "药业", "医药", "制药", "生物制药"),
        _food(0.22, "葡萄酒", "食品", "果仁"),
        Industry(0.12, "metal", "钢铁与冶金", ("钢铁", "冶金", "金属制品")),
        Industry(0.12, "food", "人参加工", ("参业", "人参制品")),
        _build(0.12),
    ),
    "220600": (
        Industry(0.28, "food", "矿泉水与饮料", ("矿泉饮品", "饮料", "天然水")),
        Industry(0.26, "pharma", "人参与医药", ("参业", "药业", "特产")),
        _wood(0.16),
        Industry(0.14, "metal", "硅藻土与矿业", ("硅藻土制品", "矿业", "非金属材料")),
        Industry(0.16, "machine", "旅游装备", ("旅游装备", "滑雪装备", "冰雪装备")),
    ),
    "220700": (
        Industry(0.26, "machine", "油气装备与服务", ("石油机械", "油田技术服务", "石油装备")),
        _food(0.34, "粮油", "食品", "农产品加工", "乳业"),
        Industry(0.14, "chem", "生物化工", ("生物化工", "生物科技")),
        _build(0.26),
    ),
    "220800": (
        Industry(0.26, "power", "风电与新能源装备", ("风电装备", "新能源装备", "电力设备")),
        _food(0.28, "杂粮", "农产品加工", "粮油", "食品"),
        _auto(0.12),
        Industry(0.17, "textile", "纺织", ("纺织", "服装")),
        _pharma(0.17),
    ),
    "222400": (
        _food(0.30, "食品", "水产食品", "海产品加工", "泡菜食品"),
        _pharma(0.22),
        _wood(0.14),
        Industry(0.12, "textile", "纺织服装", ("服装", "纺织", "针织")),
        _build(0.22),
    ),
}
"""By the code of the prefecture-level unit; 长白山 has the industries of 白山 beside it."""

DISTRICTS: Final[dict[str, float]] = {
    "220106": 6,
    "220105": 4,
    "220103": 3.5,
    "220104": 3.5,
    "220102": 3,
    "220113": 3,
    "220112": 2,
    "222401": 7,
}
"""How likely an enterprise of a city hall lies there, against 1 for the units not named: factories stand in 绿园."""

FIRST: Final = "恒瑞鸿泰盛宏嘉华天正永信德远昌隆兴荣佳达金安博通东北长春松白吉祥丰润裕康腾飞新元启明海林江山"
SECOND: Final = "源达盛泰禾丰联创恒信和兴顺成益隆发祥瑞安康宁佳美宝亨通川峰岭原野润泽扬帆航程建筑铭诚"
"""The two characters of a name are one of each: about 2,000 pairs."""
