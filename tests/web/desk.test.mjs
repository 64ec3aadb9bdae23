import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { answerAll } from "../../clients/web/desk/answer_all.js";
import { asked, belongs, meant } from "../../clients/web/desk/filter.js";
import { countsOf, nextFirm, shownFirms } from "../../clients/web/desk/firm_order.js";
import { cursorAfter, merged, moved, neighbours, stepped, without } from "../../clients/web/desk/rows.js";
import { ANSWERS, FROM, mayStep, stepsFrom } from "../../clients/web/desk/steps.js";
import { TABS, tabAt, tabsOf } from "../../clients/web/desk/tabs.js";
import { waitOf } from "../../clients/web/desk/waiting.js";
import { commandOf, numberOf, valuesOf } from "../../clients/web/desk/position_values.js";

const RULES = readFileSync(new URL("../../server/core/rules.py", import.meta.url), "utf8");

test("the buttons' table is the table of server/core/rules.py", () => {
  const names = (text) => Array.from(text.matchAll(/S\.([A-Z_]+)/g), (found) => found[1].toLowerCase());
  const open = names(/^_OPEN = (.*)$/m.exec(RULES)[1]);
  const block = /^_ANSWERS[^{]*\{([^}]*(?:\}\)[^}]*)*)\n\}/m.exec(RULES)[1];
  const lines = block.split("\n").filter((line) => line.includes(":"));
  assert.equal(lines.length, ANSWERS.length);
  for (const line of lines) {
    const [wanted, ...from] = names(line);
    assert.deepEqual([...FROM[wanted]].sort(), (line.includes("_OPEN") ? open : from).sort(), wanted);
  }
});

test("someone at work, withdrawn or unknown gets no more answers than the rules give", () => {
  assert.deepEqual(stepsFrom("at_work"), []);
  assert.deepEqual(stepsFrom("withdrawn"), []);
  assert.equal(mayStep("applied", "hired"), false);
  assert.equal(mayStep("unsuitable", "contacted"), true);
  assert.equal(mayStep("applied", "nonsense"), false);
});

test("the wait is told in the largest whole unit, with its colour", () => {
  const at = (minutes, status = "applied") => waitOf({ status, applied_at_ms: 0 }, minutes * 60_000);
  assert.deepEqual(at(0.5), { colour: "green", unit: "now", count: 0 });
  assert.deepEqual(at(59), { colour: "green", unit: "minutes", count: 59 });
  assert.deepEqual(at(119), { colour: "green", unit: "hours", count: 1 });
  assert.deepEqual(at(120), { colour: "amber", unit: "hours", count: 2 });
  assert.deepEqual(at(24 * 60), { colour: "red", unit: "days", count: 1 });
  assert.equal(at(24 * 60, "contacted").colour, "none");
  assert.equal(waitOf({ status: "viewed", applied_at_ms: 5_000 }, 0).unit, "now");
});

test("pages merge by id, the newer reading wins, the newest application is on top", () => {
  const row = (id, applied_at_ms, status = "applied") => ({ id, applied_at_ms, status });
  const rows = merged([row("a", 1), row("b", 2)], [row("c", 3), row("b", 2, "viewed")]);
  assert.deepEqual(rows.map((one) => one.id), ["c", "b", "a"]);
  assert.equal(rows[1].status, "viewed");
});

test("a step that is told twice stands once in the history and keeps its note", () => {
  const opened = { id: "a", status: "viewed", steps: [{ status: "viewed", at_ms: 10 }] };
  const byChannel = stepped(opened, "interview", 100_000);
  const both = stepped(byChannel, "interview", 100_200, { note: "周六九点" });
  assert.deepEqual(both.steps.slice(1), [{ status: "interview", at_ms: 100_000, note: "周六九点" }]);
  const other = stepped(stepped(opened, "interview", 100_200, { note: "周六九点" }), "interview", 100_000);
  assert.equal(other.steps.length, 2);
  assert.equal(other.steps[1].note, "周六九点");
  assert.equal(stepped(both, "interview", 900_000).steps.length, 3);
  assert.equal(moved(opened, "viewed", 5), opened);
});

test("an address names a tab, and one applicant's address is the first tab's", () => {
  assert.equal(tabAt("", TABS), TABS[0]);
  assert.equal(tabAt("#nothing", TABS), TABS[0]);
  assert.equal(tabAt("#a=A01", TABS).name, "inbox");
  for (const tab of TABS) assert.equal(tabAt(`#${tab.name}/more`, TABS), tab);
});

test("tabs belong to roles", () => {
  const tabs = [{ name: "one", roles: ["hr", "specialist"] }, { name: "two", roles: ["specialist"] }];
  assert.deepEqual(tabsOf([{ role: "hr" }], tabs).map(({ name }) => name), ["one"]);
  assert.deepEqual(tabsOf([{ role: "hr" }, { role: "specialist" }], tabs).map(({ name }) => name), ["one", "two"]);
});

test("the list asks the hub for what it shows", () => {
  const filter = { show: "waiting", status: "", position: "" };
  assert.deepEqual(asked(filter), { statuses: ["applied", "viewed"] });
  assert.deepEqual(asked({ ...filter, show: "all" }), {});
  assert.deepEqual(asked({ show: "all", status: "hired", position: "P1" }), { statuses: ["hired"], position: "P1" });
  assert.ok(belongs({ status: "viewed", position: "P1" }, filter));
  assert.ok(!belongs({ status: "hired", position: "P1" }, filter));
  assert.ok(!belongs({ status: "viewed", position: "P1" }, { ...filter, position: "P2" }));
});

test("who took the consent back is gone from the list and from the open page", () => {
  const state = { rows: [{ id: "a" }, { id: "b" }], opened: { id: "a", phone: "1" }, fresh: new Set(["a"]) };
  const after = without(state, "a");
  assert.deepEqual(after.rows, [{ id: "b" }]);
  assert.equal(after.opened, null);
  assert.equal(after.fresh.size, 0);
});

test("a position comes out of its form as it went in, numbers however they were typed", () => {
  const position = { id: "p1", version: 3, title: "焊工", openings: 5, pay_min_yuan: 4000, pay_max_yuan: 6000, base_yuan: 2200,
    place: "农安县", benefits: ["五险", "包住"], valid_until: "2027-03-31" };
  const command = commandOf(position, valuesOf(position));
  for (const [name, value] of Object.entries(position)) {
    if (name !== "id") assert.deepEqual(command[name], value, name);
  }
  assert.equal(command.position, "p1");
  assert.equal(numberOf("４,５００ 元"), 4500);
  assert.equal(numberOf("若干"), null);
  const typed = commandOf(position, { ...valuesOf(position), pay_min: "7000", pay_max: "5000", openings: "" });
  assert.deepEqual([typed.pay_min_yuan, typed.pay_max_yuan, typed.openings], [5000, 7000, 0]);
});

test("with the longest wait first, the order turns and the next page begins after the last row", () => {
  const row = (id, applied_at_ms) => ({ id, applied_at_ms });
  const rows = merged([row("b", 2)], [row("a", 1), row("c", 2)], "longest");
  assert.deepEqual(rows.map((one) => one.id), ["a", "b", "c"]);
  assert.equal(cursorAfter(rows), "2.c");
  assert.equal(cursorAfter([]), "");
  assert.deepEqual(asked({ show: "all", status: "", position: "", order: "longest" }), { order: "longest" });
  assert.deepEqual(asked({ show: "all", status: "", position: "", order: "newest" }), {});
});

test("the neighbours of somebody in the list, and their place", () => {
  const rows = [{ id: "a" }, { id: "b" }, { id: "c" }];
  assert.deepEqual(neighbours(rows, "b"), { before: rows[0], after: rows[2], place: 2, of: 3 });
  assert.deepEqual(neighbours(rows, "c"), { before: rows[1], after: null, place: 3, of: 3 });
  assert.deepEqual(neighbours(rows, "gone"), { before: null, after: null, place: 0, of: 3 });
});

test("one person is found by what the list shows of them", () => {
  const row = { name: "甄**", phone: "138****5678", for_whom: "", receipt: "MF35852733", position_title: "焊工（持证）" };
  for (const words of ["", "甄", "5678", "138", "138 1234 5678", "mf3585", "焊工"]) assert.equal(meant(row, words), true, words);
  for (const words of ["王", "9999", "139 1234 5678", "138 1234 5679"]) assert.equal(meant(row, words), false, words);
});

test("forty enterprises are found, sorted and counted", () => {
  const firm = (enterprise, name, waiting, oldest_at_ms, signed_in_at_ms = 0) => ({ enterprise, name, waiting, oldest_at_ms, signed_in_at_ms });
  const firms = [firm("a", "东方机械", 2, 50), firm("b", "北方食品", 9, 20, 7), firm("c", "南方物流", 0, 0), firm("d", "西方化工", 0, 0, 7)];
  const order = (asked) => shownFirms(firms, asked).map((one) => one.enterprise).join("");
  assert.equal(order({}), "abcd");
  assert.equal(order({ order: "longest" }).slice(0, 2), "ba");
  assert.equal(order({ order: "most" }).slice(0, 2), "ba");
  assert.equal(order({ words: "方 机" }), "a");
  assert.equal(order({ show: "waiting" }), "ab");
  assert.equal(order({ show: "never" }), "ac");
  assert.deepEqual(countsOf(firms), { all: 4, waiting: 2, people: 11, never: 2, oldest_at_ms: 20 });
  assert.equal(nextFirm(firms, "").enterprise, "b");
  assert.equal(nextFirm(firms, "b").enterprise, "a");
  assert.equal(nextFirm([firms[0]], "a"), null);
});

test("one answer to several passes over who is gone and stops where the way is gone", async () => {
  const refusal = (temporary) => Object.assign(new Error("no"), { temporary });
  const told = [];
  const how = { tell: (n) => told.push(n), pause: async () => undefined };
  const sent = [];
  const gone = async (row) => {
    if (row === 2) throw refusal(false);
    sent.push(row);
  };
  assert.deepEqual(await answerAll([1, 2, 3], gone, how), { given: 2, refused: 1, error: null });
  assert.deepEqual([sent, told], [[1, 3], [0, 1, 2]]);
  const offline = refusal(true);
  const found = await answerAll([1, 2, 3], async (row) => {
    if (row === 2) throw offline;
  }, how);
  assert.deepEqual(found, { given: 1, refused: 0, error: offline });
});
