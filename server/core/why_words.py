"""Why a row of a job list is not simply imported, in plain Chinese: the column 原因 of a correction workbook.

The pages have the same sentences in their locales (`why.…`); a test holds the two together.
"""

from typing import Final

from server.core.cells import Why

WHY_WORDS: Final[dict[Why, str]] = {
    Why.FIRM_MISSING: "没有写单位名称",
    Why.TITLE_MISSING: "没有写岗位名称",
    Why.DUPLICATE: "和前面一行完全一样",
    Why.USCC_INVALID: "统一社会信用代码不对，请核对18位",
    Why.PAY_MISSING: "没有写薪资",
    Why.PAY_NEGOTIABLE: "薪资写的是面议，请写出范围，如4000-6000",
    Why.PAY_UNREADABLE: "薪资看不明白，请写成4000-6000这样",
    Why.PAY_UNLIKELY: "薪资数字不像月薪，请核对单位",
    Why.BASE_MISSING: "没有写底薪",
    Why.BASE_UNREADABLE: "底薪看不明白，请只写数字",
    Why.BASE_ABOVE_PAY: "底薪比综合月薪还高，请核对",
    Why.OPENINGS_MISSING: "没有写招聘人数",
    Why.OPENINGS_UNREADABLE: "招聘人数看不明白，请写数字",
    Why.PLACE_MISSING: "没有写工作地点",
    Why.PLACE_UNKNOWN: "工作地点找不到，请写到县（市、区）",
    Why.PLACE_AMBIGUOUS: "工作地点可能指好几处，请只写一个县（市、区）",
    Why.PLACE_TOO_WIDE: "工作地点只写到市，请写到县（市、区）",
    Why.PLACE_OUTSIDE: "工作地点不在本地",
    Why.VALID_UNTIL_MISSING: "没有写有效期",
    Why.VALID_UNTIL_UNREADABLE: "有效期看不明白，请写成2027-03-31这样",
    Why.EXPIRED: "有效期已过",
    Why.TEXT_TOO_LONG: "这一格太长，请写短些",
    Why.CONTACT: "不能留电话、微信等联系方式",
    Why.FEE: "不能向求职者收费，请删去",
    Why.SEX_AND_AGE: "不能限性别、年龄，请删去",
}
