// The viewer page's pure parts: the stage's fold, the region tree, phone numbers.

import assert from "node:assert/strict";
import { test } from "node:test";

import { phoneOf } from "../../clients/web/viewer/phone.js";
import { branchOf, choices, namesOf, sortRooms, statesOf, withStates } from "../../clients/web/viewer/regions.js";
import { after, fromSnapshot, launchIn, onAir, withLine } from "../../clients/web/viewer/stage.js";

const CARD = { number: 3, position: { id: "P03", title: "焊工" } };
const OTHER = { number: 5, position: { id: "P05", title: "装配工" } };
const LIVE = { session: { id: "S01", state: "live", shelf_revision: 1 }, card: null };

test("the stage follows its log", () => {
  const shown = after(LIVE, { t: "card_shown", card: CARD });
  assert.equal(shown.card, CARD);
  assert.equal(after(shown, { t: "card_hidden", position: "P03" }).card, null);
  const again = after(shown, { t: "card_shown", card: OTHER });
  assert.equal(after(again, { t: "card_undone", position: "P05", card: CARD }).card, CARD);
  assert.equal(after(shown, { t: "card_undone", position: "P03" }).card, null);
  assert.equal(after(shown, { t: "shelf_changed", revision: 4 }).session.shelf_revision, 4);
  const broken = after(shown, { t: "state_changed", state: "interrupted" });
  assert.ok(broken.card && onAir(broken.session), "an interruption leaves the card and the applying");
  const ended = after(shown, { t: "state_changed", state: "ended" });
  assert.equal(ended.card, null);
  assert.equal(onAir(ended.session), false);
  assert.equal(after(shown, { t: "from_the_future" }), shown);
  const plain = fromSnapshot({ session: { id: "S" } });
  assert.deepEqual([plain.session, plain.card, plain.notice], [{ id: "S" }, null, ""]);
  assert.equal(onAir({ id: "S" }), false, "the wire leaves out `scheduled`");
});

test("the last lines are kept, no more", () => {
  let lines = [];
  for (let n = 1; n <= 7; n += 1) lines = withLine(lines, { offset: n, at_ms: n, body: { text: `${n}` } }, 5);
  assert.deepEqual(lines.map((line) => line.offset), [3, 4, 5, 6, 7]);
  assert.equal(withLine(lines, { offset: 8, at_ms: 8, body: { text: "8", caption: true } }), lines, "captions stand in the picture");
});

test("a launch of another province is shown within what any launch may be", () => {
  const now = 1_700_000_000_000;
  const launch = (ms, text = "现在开幕") => ({ text, region: "210000", show_at_ms: now + ms });
  for (const ms of [-59_999, 0, 2_000, 60_000]) assert.deepEqual(launchIn(launch(ms), now), launch(ms));
  for (const ms of [-60_000, 120_001, 2 ** 31, 2 ** 52 - now, Infinity, NaN]) assert.equal(launchIn(launch(ms), now), null);
  for (const none of [null, undefined, {}, { show_at_ms: "soon" }, { show_at_ms: [] }]) assert.equal(launchIn(none, now), null);
  assert.equal(launchIn(launch(0, "幕".repeat(50_000)), now).text, "幕".repeat(100));
  assert.equal(launchIn(launch(0, "😀".repeat(101)), now).text, "😀".repeat(100), "counted as the hub counts");
});

const REGIONS = [
  { code: "220000", name: "吉林省", level: "province" },
  { code: "220100", name: "长春市", level: "city", parent: "220000" },
  { code: "220182", name: "榆树市", level: "county", parent: "220100" },
  { code: "220200", name: "吉林市", level: "city", parent: "220000" },
];
const room = (id, region, state, online = 0) => ({ session: { id, region, state }, numbers: { online } });

test("a room belongs to its county, city and province, and is found under each", () => {
  assert.deepEqual(branchOf(REGIONS, "220182"), ["220182", "220100", "220000"]);
  assert.deepEqual(namesOf(REGIONS, "220182"), ["长春市", "榆树市"]);
  assert.deepEqual(branchOf(REGIONS, "999999"), ["999999"]);
  const groups = choices(REGIONS, [room("a", "220182"), room("b", "220100")]);
  assert.deepEqual(
    groups.map((group) => group.options.map((option) => [option.code, option.rooms])),
    [[["220100", 2], ["220182", 1]]],
  );
});

test("live rooms come first, those with most viewers before the others", () => {
  const rooms = [room("a", "x", undefined), room("b", "x", "live", 3), room("c", "x", "ended"), room("d", "x", "live", 9)];
  assert.deepEqual(sortRooms(rooms).map((one) => one.session.id), ["d", "b", "a", "c"]);
});

test("a phone number is read however it was typed", () => {
  for (const text of ["13812345678", "138 1234 5678", "138-1234-5678", "+86 138 1234 5678", "008613812345678", "8613812345678", "１３８１２３４５６７８"]) {
    assert.equal(phoneOf(text), "13812345678", text);
  }
  for (const text of ["", "1381234567", "12345678901", "138123456789", "0431-12345678"]) assert.equal(phoneOf(text), "", text);
});

test("what the area told stands, though an answer over HTTP is a second old", () => {
  const rooms = [
    { session: { id: "S01" }, card: null },
    { session: { id: "S02", state: "live" }, card: CARD },
    { session: { id: "S03", state: "live" }, card: CARD },
  ];
  const told = { ...statesOf([{ id: "S01" }, { id: "S02", state: "live" }]), S01: "live", S02: "ended" };
  const shown = withStates(rooms, told);
  assert.deepEqual(
    shown.map((room) => [room.session.state, room.card]),
    [
      ["live", null],
      ["ended", null],
      ["live", CARD],
    ],
  );
  assert.equal(withStates(rooms, {})[1], rooms[1], "nothing told, nothing changed");
});
