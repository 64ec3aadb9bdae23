// Numbers, times and facts as people say them (clients/web/shared/format.js).

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { beforeEach, test } from "node:test";

import {
  chipsOf,
  factsOf,
  formatCount,
  formatDuration,
  formatWhen,
  payBand,
  payBase,
} from "../../clients/web/shared/format.js";
import { useWords } from "../../clients/web/shared/i18n.js";

const words = (name) =>
  JSON.parse(readFileSync(new URL(`../../clients/web/locales/${name}.json`, import.meta.url), "utf-8"));

beforeEach(() => useWords("zh-CN", words("zh-CN")));

test("counts are 1.2万, never more than true", () => {
  assert.equal(formatCount(0), "0");
  assert.equal(formatCount(9999), "9999");
  assert.equal(formatCount(10_000), "1万");
  assert.equal(formatCount(12_999), "1.2万");
  assert.equal(formatCount(1_239_999), "123万");
  assert.equal(formatCount(230_000_000), "2.3亿");
  useWords("en", words("en"));
  assert.equal(formatCount(9999), "9,999");
  assert.equal(formatCount(12_345), "12.3k");
});

test("times are said as people say them", () => {
  // Beijing time, wherever the test runs.
  const beijing = (year, month, day, hour, ...rest) => Date.UTC(year, month, day, hour - 8, ...rest);
  const now = beijing(2021, 10, 27, 15, 0);
  const at = (...parts) => formatWhen(beijing(...parts), now);
  assert.equal(at(2021, 10, 27, 14, 59, 30), "刚刚");
  assert.equal(at(2021, 10, 27, 14, 48), "12 分钟前");
  assert.equal(at(2021, 10, 27, 10, 32), "10:32");
  assert.equal(at(2021, 10, 26, 10, 32), "昨天 10:32");
  assert.equal(at(2021, 10, 28, 9, 5), "明天上午 09:05");
  assert.equal(at(2021, 10, 3, 9, 5), "11月3日 09:05");
  assert.equal(at(2020, 10, 3, 9, 5), "2020年11月3日 09:05");
  assert.equal(formatDuration(3_723_000), "1:02:03");
  assert.equal(formatDuration(65_000), "1:05");
});

test("pay: 底薪 and 综合 apart, 面议 and 未填写 as they are", () => {
  assert.equal(payBase({ base_yuan: 2600 }), "2,600 元/月");
  assert.equal(payBase({}), null);
  assert.equal(payBand({ pay_min_yuan: 4000, pay_max_yuan: 6000 }), "4,000–6,000 元/月");
  assert.equal(payBand({ pay_min_yuan: 20, pay_max_yuan: 20, pay_unit: "hour" }), "20 元/小时");
  assert.equal(payBand({ pay_min_yuan: 3200, pay_max_yuan: 4500, pay_unit: "piece" }), "3,200–4,500 元/月（计件）");
  assert.equal(payBase({ base_yuan: 2000, pay_unit: "piece" }), "2,000 元/月");
  assert.equal(payBand({ pay_min_yuan: 4000 }), "4,000 元/月起");
  assert.equal(payBand({ pay_negotiable: true }), "面议");
  assert.equal(payBand({}), null);
  const missing = factsOf({ title: "装配工", openings: 3 }).filter((fact) => fact.missing);
  assert.ok(missing.some((fact) => fact.name === "shift" && fact.value === "未填写"));
});

test("the three chips are what people ask first", () => {
  const position = { benefits: ["五险一金", "绩效奖", "包住"], shift: "长白班", education: "不限" };
  const chips = chipsOf(position);
  assert.equal(chips.length, 3);
  assert.ok(chips.includes("长白班"));
  assert.ok(!chips.includes("绩效奖"));
  assert.deepEqual(chipsOf({ shift: "长白班", education: "不限" }), ["长白班"], "不限 says nothing without its label");
  assert.deepEqual(chipsOf({}), []);
});

test("an English date names its month", () => {
  useWords("en", words("en"));
  const now = Date.UTC(2021, 10, 27, 7);
  assert.equal(formatWhen(Date.UTC(2021, 10, 3, 1, 5), now), "3 Nov, 09:05");
  assert.equal(formatWhen(Date.UTC(2020, 0, 3, 1, 5), now), "3 Jan 2020, 09:05");
});
