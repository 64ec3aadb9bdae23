"""Which column of a job list is which: the headers people write, and where in a sheet they stand."""

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from server.core.cells import Cell, shown


class Column(StrEnum):
    """The columns of a 招聘岗位信息表 that are understood."""

    NUMBER = "number"
    FIRM = "firm"
    USCC = "uscc"
    NATURE = "nature"
    INDUSTRY = "industry"
    SIZE = "size"
    ADDRESS = "address"
    INTRODUCTION = "introduction"
    CONTACT = "contact"
    PHONE = "phone"
    EMAIL = "email"
    BOOTH = "booth"
    TITLE = "title"
    KIND = "kind"
    OPENINGS = "openings"
    EMPLOYMENT = "employment"
    DUTIES = "duties"
    REQUIREMENTS = "requirements"
    EDUCATION = "education"
    MAJOR = "major"
    EXPERIENCE = "experience"
    CERTIFICATE = "certificate"
    SEX = "sex"
    AGE = "age"
    PLACE = "place"
    SHIFT = "shift"
    REST = "rest"
    PAY = "pay"
    PAY_MIN = "pay_min"
    PAY_MAX = "pay_max"
    PAY_UNIT = "pay_unit"
    BASE = "base"
    BENEFITS = "benefits"
    INSURANCE = "insurance"
    MEALS = "meals"
    LODGING = "lodging"
    BUS = "bus"
    START = "start"
    VALID_UNTIL = "valid_until"
    SOURCE = "source"
    REMARK = "remark"
    REFERENCE = "reference"
    REASON = "reason"


OF_THE_FIRM: Final = frozenset(
    {
        Column.FIRM,
        Column.USCC,
        Column.NATURE,
        Column.INDUSTRY,
        Column.SIZE,
        Column.ADDRESS,
        Column.INTRODUCTION,
        Column.BOOTH,
    }
)
"""Columns whose cells are merged over all positions of a firm: a blank one means the one above."""

_WRITTEN: Final[dict[Column, str]] = {
    Column.NUMBER: "序号 编号 no",
    Column.FIRM: "单位名称 企业名称 公司名称 用人单位 用人单位名称 单位 企业 公司 "
    "招聘单位 招聘单位名称 招聘企业 招聘企业名称",
    Column.USCC: "统一社会信用代码 社会信用代码 信用代码 统一信用代码 统一代码 机构代码 组织机构代码",
    Column.NATURE: "单位性质 企业性质 单位类型 企业类型 性质 经济类型",
    Column.INDUSTRY: "所属行业 行业 行业类别 单位行业 产业",
    Column.SIZE: "规模 企业规模 单位规模 人员规模 员工人数 职工人数",
    Column.ADDRESS: "单位地址 企业地址 公司地址 注册地址 联系地址 地址",
    Column.INTRODUCTION: "单位简介 企业简介 公司简介 简介",
    Column.CONTACT: "联系人 负责人 招聘联系人 联系人姓名 经办人",
    Column.PHONE: "联系电话 电话 手机 手机号 手机号码 联系方式 招聘电话 联系人电话",
    Column.EMAIL: "邮箱 电子邮箱 简历邮箱 email",
    Column.BOOTH: "展位号 展位 摊位号",
    Column.TITLE: "岗位名称 招聘岗位 职位名称 招聘职位 岗位 职位 工种 招聘工种 岗位工种",
    Column.KIND: "岗位类别 职位类别 岗位类型 工种类别 职业类别",
    Column.OPENINGS: "招聘人数 需求人数 人数 需求数 招聘数量 需求数量 岗位人数 拟招人数 招收人数 用工人数 缺工人数",
    Column.EMPLOYMENT: "用工类型 用工形式 用工方式 工作性质 合同类型",
    Column.DUTIES: "岗位职责 工作内容 职责 工作职责 岗位描述 职位描述 岗位说明",
    Column.REQUIREMENTS: "招聘条件 岗位要求 任职要求 任职条件 任职资格 招聘要求 其他要求 条件 要求 岗位条件 技能要求",
    Column.EDUCATION: "学历要求 学历 文化程度 最低学历 学历层次",
    Column.MAJOR: "专业要求 专业 所学专业",
    Column.EXPERIENCE: "经验 工作经验 经验要求 工作年限",
    Column.CERTIFICATE: "技能证书 证书 资格证书 职业资格 证书要求",
    Column.SEX: "性别 性别要求",
    Column.AGE: "年龄 年龄要求 年龄范围",
    Column.PLACE: "工作地点 上班地址 上班地点 工作地址 工作区域 工作地区 就业地点 工作所在地",
    Column.SHIFT: "班次 工时 班次工时 工作时间 上班时间 工作班次 班制",
    Column.REST: "休息 休息制度 休假 作息 休息方式",
    Column.PAY: "薪资待遇 月薪 工资 薪资 薪酬 工资待遇 薪酬待遇 综合月薪 综合工资 综合薪资 "
    "月工资 月收入 薪资范围 工资范围 薪资水平",
    Column.PAY_MIN: "综合月薪下限 月薪下限 最低月薪 薪资下限 最低工资待遇 工资下限",
    Column.PAY_MAX: "综合月薪上限 月薪上限 最高月薪 薪资上限 工资上限",
    Column.PAY_UNIT: "计薪方式 薪资类型 计酬方式",
    Column.BASE: "底薪 基本工资 基本薪资 保底工资 无责底薪 基础工资",
    Column.BENEFITS: "福利待遇 待遇 福利 其他待遇 福利保障 员工福利 食宿福利 食宿情况",
    Column.INSURANCE: "五险 五险一金 社保 保险 五险五险一金 社会保险",
    Column.MEALS: "包吃 是否包吃 工作餐 就餐 用餐",
    Column.LODGING: "包住 是否包住 住宿 包住夫妻房 夫妻房 宿舍",
    Column.BUS: "班车 是否有班车 通勤车 通勤",
    Column.START: "到岗时间 入职时间 上岗时间",
    Column.VALID_UNTIL: "有效期至 截止日期 有效期 招聘截止日期 截止时间 有效日期 信息有效期 招聘期限",
    Column.SOURCE: "信息来源 来源 数据来源",
    Column.REFERENCE: "岗位编号",
    Column.REASON: "原因",
    Column.REMARK: "备注 说明 其他 其它 备注说明",
}
_BY_NAME: Final = {name: column for column, names in _WRITTEN.items() for name in names.split()}
_BRACKETED: Final = re.compile(r"[(\[【<][^)\]】>]*[)\]】>]")
_NO_NAME: Final = re.compile(r"[\s*:：、,，.。_\-★※/]+")

HEADER_WITHIN: Final = 20
"""The header is one of the first rows of a sheet; above it stand a title and merged group headings."""
LEAST_COLUMNS: Final = 4


def column_of(header: Cell) -> Column | None:
    """The column a header means: 用人单位（全称） is the firm. `None` for one that is not understood."""
    text = unicodedata.normalize("NFKC", shown(header)).lower()
    for candidate in (text, _BRACKETED.sub("", text)):
        found = _BY_NAME.get(_NO_NAME.sub("", candidate))
        if found is not None:
            return found
    return None


def columns_of(row: Sequence[Cell]) -> dict[Column, int] | None:
    """Where each column stands, if this row is a header: it names the position's title and three things more. Of two
    columns with one meaning the first counts."""
    columns: dict[Column, int] = {}
    for index, cell in enumerate(row):
        column = column_of(cell) if isinstance(cell, str) else None
        if column is not None:
            columns.setdefault(column, index)
    return columns if Column.TITLE in columns and len(columns) >= LEAST_COLUMNS else None


def cell_name(index: int, line: int) -> str:
    """The cell as a spreadsheet names it: column 0 of line 7 is A7."""
    letters = ""
    index += 1
    while index:
        index, letter = divmod(index - 1, 26)
        letters = chr(65 + letter) + letters
    return f"{letters}{line}"
