"""Contacts of a workbook: one per enterprise, numbers however they are typed, nothing of them in a repr."""

from pathlib import Path

import pytest

from server.core.contacts import NAMELESS, Contact, contacts_of
from server.core.import_plan import Sheet
from server.core.refusal import Refusal
from server.store.workbook_files import read_workbook

SAMPLES = Path(__file__).parents[1] / "data" / "workbook"
HEADER = ("单位名称", "统一社会信用代码", "岗位名称", "招聘人数", "薪资待遇", "联系人", "联系电话")


def row(firm: str, name: object, phone: object, title: str = "焊工") -> tuple[object, ...]:
    return (firm, "", title, 3, "4-6K", name, phone)


def contacts(*rows: tuple[object, ...]) -> tuple[Contact, ...]:
    return contacts_of([Sheet("岗位", (HEADER, *rows))])  # type: ignore[arg-type]


def test_one_contact_per_enterprise_the_first_with_a_mobile_number():
    found = contacts(
        row("甲厂", "人事部", "0431-81234567"),
        row("", "李经理", "139 0000 0001", "电工"),
        row("", "王经理", "13900000002", "车工"),
        row("乙厂", "", "0432-62012345/13900000003、13900000004"),
        row("丙厂", "老" * 30, 13900000005),
        row("丁厂", "张女士", "面议"),
    )
    assert [(one.firm, one.name, one.phone) for one in found] == [
        ("甲厂", "李经理", "13900000001"),
        ("乙厂", NAMELESS, "13900000003"),
        ("丙厂", "老" * 20, "13900000005"),
        ("丁厂", "张女士", ""),
    ]
    assert "13900000001" not in repr(found)
    assert "李经理" not in repr(found)


@pytest.mark.parametrize("name", ["jobs.xlsx", "jobs.xls", "jobs.csv"])
def test_the_samples_of_county_offices_name_one_for_each_enterprise(name: str):
    found = contacts_of(read_workbook((SAMPLES / name).read_bytes()))
    assert len(found) > 5
    assert len({one.code or one.firm for one in found}) == len(found)
    assert all(len(one.phone) == 11 for one in found if one.phone)
    assert sum(bool(one.phone) for one in found) > len(found) // 2


def test_no_header_is_no_workbook():
    with pytest.raises(Refusal):
        contacts_of([Sheet("岗位", (("a", "b"),))])
