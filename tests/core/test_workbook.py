"""A job list becomes a plan: what is imported, what waits for a person, and why, in which cell."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.simulator.facts import facts, regions
from server.core import workbook_lines
from server.core.cells import Why
from server.core.columns import Column, cell_name, column_of, columns_of
from server.core.import_plan import ImportPlan, Outcome, Sheet
from server.core.model import PayUnit, RegionCode
from server.core.refusal import Code, Refusal
from server.core.regions import RegionTree
from server.core.workbook import plan_import

JILIN = RegionTree(regions(facts()))
TODAY = "2026-11-23"
HEADER = ["序号", "单位名称", "统一社会信用代码", "岗位名称", "招聘人数", "学历要求", "薪资待遇", "底薪", "工作地点"]
HEADER += ["福利待遇", "联系电话", "有效期至", "备注"]
CODE = "91990000MA0001000F"


def row(**changed) -> list:
    """A line that has nothing wrong with it, but for what is changed; keys are headers."""
    cells = dict(zip(HEADER, [1, "长春甲机械有限公司", CODE, "焊工", 5], strict=False))
    cells |= {"薪资待遇": "4000-6000", "底薪": 2200, "工作地点": "农安县", "有效期至": "2027-03-31"}
    cells |= {"学历要求": "不限", "福利待遇": "五险", "联系电话": "19900000000"}
    return [(cells | changed).get(name) for name in HEADER]


def plan(*rows, header=HEADER, **options) -> ImportPlan:
    return plan_import([Sheet("表", [header, *rows])], JILIN, on_day=TODAY, **options)


def reasons(made: ImportPlan, index: int = 0) -> list[tuple[Why, str]]:
    return [(reason.why, reason.cell) for reason in made.rows[index].reasons]


def test_a_clean_line_becomes_an_enterprise_and_a_position():
    made = plan(row(招聘人数="８人", 福利待遇="五险一金、包住、两班倒", 薪资待遇="5000以上"))
    assert [report.outcome for report in made.rows] == [Outcome.IMPORTED]
    (firm,), (position,) = made.enterprises, made.positions
    assert (firm.name, firm.uscc, firm.region, firm.synthetic) == ("长春甲机械有限公司", CODE, "220100", True)
    assert (position.enterprise, position.enterprise_name) == (firm.id, firm.name)
    assert (position.title, position.openings, position.region, position.place) == ("焊工", 8, "220122", "农安县")
    assert (position.base_yuan, position.pay_min_yuan, position.pay_max_yuan) == (2200, 5000, None)
    assert (position.benefits, position.shift, position.valid_until) == (("五险一金", "包住"), "两班倒", "2027-03-31")


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"薪资待遇": "面议"}, [(Why.PAY_NEGOTIABLE, "G2")]),
        ({"薪资待遇": None}, [(Why.PAY_MISSING, "G2")]),
        ({"底薪": None}, [(Why.BASE_MISSING, "H2")]),
        ({"底薪": 7000}, [(Why.BASE_ABOVE_PAY, "H2")]),
        ({"招聘人数": "若干"}, [(Why.OPENINGS_UNREADABLE, "E2")]),
        ({"工作地点": ""}, [(Why.PLACE_MISSING, "I2")]),
        ({"工作地点": "沈阳市"}, [(Why.PLACE_UNKNOWN, "I2")]),
        ({"工作地点": "长春市"}, [(Why.PLACE_TOO_WIDE, "I2")]),
        ({"工作地点": "农安县、德惠市"}, [(Why.PLACE_AMBIGUOUS, "I2")]),
        ({"有效期至": "长期"}, [(Why.VALID_UNTIL_UNREADABLE, "L2")]),
        ({"有效期至": None}, [(Why.VALID_UNTIL_MISSING, "L2")]),
        ({"有效期至": "2026-11-22"}, [(Why.EXPIRED, "L2")]),
        ({"统一社会信用代码": "91990000MA0001000X"}, [(Why.USCC_INVALID, "C2")]),
        ({"备注": "限男性，45岁以下"}, [(Why.SEX_AND_AGE, "M2")]),
        ({"备注": "入职交服装费300元"}, [(Why.FEE, "M2")]),
        ({"福利待遇": "五险 加微信abc"}, [(Why.CONTACT, "J2")]),
        ({"岗位名称": "焊" * 41}, [(Why.TEXT_TOO_LONG, "D2")]),
        ({"招聘人数": "若干", "薪资待遇": "面议"}, [(Why.PAY_NEGOTIABLE, "G2"), (Why.OPENINGS_UNREADABLE, "E2")]),
    ],
)
def test_what_is_wrong_is_said_with_its_cell_and_nothing_is_published(changed, expected):
    made = plan(row(**changed))
    assert made.rows[0].outcome is Outcome.DRAFT
    assert reasons(made) == expected
    assert (made.positions, made.enterprises) == ((), ())


def test_today_is_still_valid():
    assert plan(row(有效期至=TODAY)).count(Outcome.IMPORTED) == 1


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"岗位名称": " "}, [(Why.TITLE_MISSING, "D2")]),
        ({"单位名称": None}, [(Why.FIRM_MISSING, "B2")]),
        ({"单位名称": "/", "岗位名称": "无"}, [(Why.FIRM_MISSING, "B2"), (Why.TITLE_MISSING, "D2")]),
    ],
)
def test_a_line_without_firm_or_title_is_rejected(changed, expected):
    made = plan(row(**changed))
    assert made.rows[0].outcome is Outcome.REJECTED
    assert reasons(made) == expected


def test_a_place_outside_the_branch_waits_for_somebody_else():
    made = plan(row(), branch=RegionCode("220200"))
    assert reasons(made) == [(Why.PLACE_OUTSIDE, "I2")]
    assert plan(row(), branch=RegionCode("220100")).count(Outcome.IMPORTED) == 1


def test_blank_cells_of_the_firm_are_those_above_but_not_under_another_name():
    other = "91990000MA0001002M"
    blank = {"单位名称": None, "统一社会信用代码": None}
    made = plan(
        row(),
        row(岗位名称="普工", **blank),
        row(单位名称="长春乙木业有限公司", 统一社会信用代码=None, 岗位名称="木工"),
        row(单位名称="长春乙木业有限公司", 统一社会信用代码=other, 岗位名称="漆工"),
        row(岗位名称="保安", **blank),
    )
    assert [(p.title, p.enterprise_name) for p in made.positions] == [
        ("焊工", "长春甲机械有限公司"),
        ("普工", "长春甲机械有限公司"),
        ("木工", "长春乙木业有限公司"),
        ("漆工", "长春乙木业有限公司"),
        ("保安", "长春乙木业有限公司"),
    ]
    assert [(firm.name, firm.uscc) for firm in made.enterprises] == [
        ("长春甲机械有限公司", CODE),
        ("长春乙木业有限公司", other),
    ]


def test_two_codes_under_one_name_are_two_enterprises():
    made = plan(row(), row(统一社会信用代码="91990000MA0001002M"))
    assert [report.outcome for report in made.rows] == [Outcome.IMPORTED] * 2
    assert len({firm.id for firm in made.enterprises}) == len({p.id for p in made.positions}) == 2


def test_a_line_that_says_the_same_again_is_a_duplicate_however_it_is_written():
    again = row(序号=9, 薪资待遇="4K-6K", 招聘人数="5人", 有效期至=46477, 联系电话="19911111111")
    made = plan(row(), row(岗位名称="普工"), again, row(学历要求="大专"))
    assert [report.outcome for report in made.rows][2] is Outcome.DUPLICATE
    assert made.rows[2].same_as_row == 1
    assert (made.count(Outcome.IMPORTED), len({p.id for p in made.positions})) == (3, 3)


def test_ids_come_from_what_is_said_so_a_second_import_changes_nothing():
    lines = [row(), row(岗位名称="普工"), row(学历要求="大专"), row(招聘人数="若干", 岗位名称="保安")]
    first, second = plan(*lines), plan(*lines)
    assert msgspec.json.encode(first) == msgspec.json.encode(second)
    corrected = plan(*lines[:3], row(招聘人数=3, 岗位名称="保安"))
    assert corrected.positions[:3] == first.positions
    raised = plan(row(薪资待遇="5000-7000"), *lines[1:])
    assert [p.id for p in raised.positions] == [p.id for p in first.positions]
    assert raised.positions[0].pay_min_yuan == 5000


def test_the_header_is_found_below_titles_and_group_headings():
    sheet = Sheet("表", [["2026年招聘岗位信息表"], [None, "单位信息", None, "岗位信息"], HEADER, row()])
    made = plan_import([Sheet("填表说明", [["请勿修改表头"]]), sheet], JILIN, on_day=TODAY)
    assert made.count(Outcome.IMPORTED) == 1
    assert made.rows[0].line == 4
    assert made.skipped_sheets == ("填表说明",)


def test_notes_sums_numbers_and_repeated_headers_are_no_positions():
    width = len(HEADER)
    made = plan(
        row(),
        [None] * width,
        HEADER,
        [2, *[None] * (width - 1)],
        ["合计", None, None, None, 5, *[None] * (width - 5)],
        ["备注：以上岗位均不收取任何费用", *[None] * (width - 1)],
    )
    assert len(made.rows) == 1
    assert made.skipped_lines == ("表!6", "表!7")


def test_short_lines_and_unknown_columns_do_no_harm():
    header = [*HEADER, "星座"]
    made = plan([*row(), "狮子"], row()[:5], header=header)
    assert made.unknown_headers == ("星座",)
    assert made.rows[0].outcome is Outcome.IMPORTED
    assert Why.PAY_MISSING in [why for why, _ in reasons(made, 1)]


def test_nothing_of_contacts_or_remarks_gets_into_the_plan():
    private_title = row(岗位名称="焊工 电话19912345678")
    made = plan(row(备注="张三 限女", 联系电话="19912345678"), row(岗位名称="普工", 备注="李四负责"), private_title)
    assert reasons(made, 2) == [(Why.CONTACT, "D4")]
    written = msgspec.json.encode(made).decode()
    for private in ("19912345678", "张三", "李四"):
        assert private not in written
    # The words that limit a sex are kept for the reviewer, and for nobody else.
    assert [flag.text for draft in made.drafts for flag in draft.flags] == ["限女", ""]
    assert made.drafts[1].position.title == "焊工 电话…"


def test_pay_in_two_columns_with_its_way_of_counting():
    header = ["单位名称", "岗位名称", "招聘人数", "工作地点", "综合月薪下限", "综合月薪上限", "计薪方式", "基本工资"]
    header += ["有效期至", "性别", "年龄", "包住", "班车"]

    def line(low, high, unit, base, sex="不限", age="18-45"):
        return [
            "甲有限公司",
            f"工{low}{high}{unit}",
            1,
            "农安县",
            low,
            high,
            unit,
            base,
            "2027-01-01",
            sex,
            age,
            "是",
            "否",
        ]

    made = plan(line(4000, 6000, "月", 2000, age="不限"), header=header)
    assert (made.positions[0].pay_min_yuan, made.positions[0].pay_max_yuan) == (4000, 6000)
    assert made.positions[0].benefits == ("包住",)
    made = plan(line(25, None, "小时", None, age="18周岁以上"), header=header)
    assert (made.positions[0].pay_unit, made.positions[0].pay_min_yuan) == (PayUnit.HOUR, 25)
    made = plan(line(4000, 6000, "计件", 2000), line(4000, 6000, "月", 2000, sex="男", age=None), header=header)
    assert reasons(made, 0) == [(Why.SEX_AND_AGE, "K2")]
    assert reasons(made, 1) == [(Why.SEX_AND_AGE, "J3")]


def test_a_real_code_is_not_made_up_unless_all_is():
    real = {"统一社会信用代码": None}
    assert not plan(row(**real)).enterprises[0].synthetic
    assert not plan(row(**real)).positions[0].synthetic
    assert plan(row(**real), synthetic=True).positions[0].synthetic


def test_a_workbook_without_a_job_list_is_refused():
    with pytest.raises(Refusal) as refused:
        plan_import([Sheet("表", [["姓名", "电话"], ["甲", 1]])], JILIN, on_day=TODAY)
    assert refused.value.code is Code.BAD_MESSAGE
    with pytest.raises(Refusal):
        plan_import([], JILIN, on_day=TODAY)


def test_rows_without_end_are_refused(monkeypatch):
    monkeypatch.setattr(workbook_lines, "MOST_ROWS", 300)

    def endless():
        yield HEADER
        while True:
            yield row()

    with pytest.raises(Refusal, match="bad_message") as refused:
        plan_import([Sheet("表", endless())], JILIN, on_day=TODAY)
    assert "300 rows" in str(refused.value.params["detail"])


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("用人单位（全称）", Column.FIRM),
        ("*岗位名称", Column.TITLE),
        ("招 聘 人 数", Column.OPENINGS),
        ("综合月薪下限(元)", Column.PAY_MIN),
        ("五险/五险一金", Column.INSURANCE),
        ("上班\n地址", Column.PLACE),
        ("招聘需求人数合计说明", None),
        (3, None),
    ],
)
def test_headers_as_people_write_them(header, column):
    assert column_of(header) is column


def test_a_row_of_the_table_is_not_taken_for_its_header():
    assert columns_of(row()) is None
    assert columns_of(HEADER) is not None


@pytest.mark.parametrize(("index", "name"), [(0, "A7"), (25, "Z7"), (26, "AA7"), (701, "ZZ7"), (702, "AAA7")])
def test_cells_are_named_as_a_spreadsheet_does(index, name):
    assert cell_name(index, 7) == name


CELL = st.one_of(st.none(), st.text(max_size=30), st.integers(), st.floats(), st.booleans(), st.dates())


@given(st.lists(st.lists(CELL, max_size=15), max_size=12))
def test_every_line_ends_somehow_whatever_it_holds(lines):
    made = plan(row(), *lines)
    assert made.rows[0].outcome is Outcome.IMPORTED
    assert len({position.id for position in made.positions}) == len(made.positions) == made.count(Outcome.IMPORTED)
    for report in made.rows:
        assert (report.outcome is Outcome.IMPORTED) == (not report.reasons)
