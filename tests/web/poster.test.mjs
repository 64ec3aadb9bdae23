// What stands on a poster, and how its lines break.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { useWords } from "../../clients/web/shared/i18n.js";
import { lines, wrap } from "../../clients/web/viewer/poster.js";

const words = (name) => JSON.parse(readFileSync(new URL(`../../clients/web/locales/${name}.json`, import.meta.url)));
useWords("zh-CN", { ...words("zh-CN"), ...words("zh-CN.viewer") });

test("a poster tells pay apart, and what is missing as missing", () => {
  const what = { kind: "position", title: "焊工", enterprise: "某厂", base: null, band: "5,600–7,000 元/月", hall: "长春会场", number: 12 };
  assert.deepEqual(
    lines(what).map((line) => line.text),
    ["焊工", "某厂", "底薪 未填写", "综合月薪 5,600–7,000 元/月", "工作地点 未填写", "12号　长春会场"],
  );
  assert.deepEqual(lines({ kind: "room", title: "长春会场" }).map((line) => line.text), ["长春会场"]);
});

test("lines are never wider than the paper, and numbers stay whole", () => {
  const width = (text) => [...text].length;
  assert.deepEqual(wrap("长春市绿园区", 4, width), ["长春市绿", "园区"]);
  assert.deepEqual(wrap("月薪 5,600–7,000 元", 8, width), ["月薪 ", "5,600–7,000", "元"]);
  assert.deepEqual(wrap("", 4, width), []);
});
