import assert from "node:assert/strict";
import { test } from "node:test";

import { dotShare, tilesOf } from "../../clients/web/screen/tiles.js";
import { standing } from "../../clients/web/screen/streams.js";
import { tabAfter } from "../../clients/web/shared/tabs.js";
import { MOST_BYTES, faultOf, sentenceOf } from "../../clients/web/screen/upload.js";
import { branchOf, childrenOf, merged, ownNumbers, rowsOf, shortName, shortNames } from "../../clients/web/screen/tree.js";

const REGIONS = [
  { code: "220000", name: "吉林省", level: "province" },
  { code: "CBS", name: "长白山保护开发区", level: "city", parent: "220000" },
  { code: "220200", name: "吉林市", level: "city", parent: "220000" },
  { code: "220100", name: "长春市", level: "city", parent: "220000" },
  { code: "220182", name: "榆树市", level: "county", parent: "220100" },
  { code: "220122", name: "农安县", level: "county", parent: "220100" },
];

test("a row of 推流 says who sends", () => {
  const words = (about) => standing({ encoder: { connected: false }, picture: "", here: true, made_at_ms: 1, ...about })[1];
  assert.equal(words({ encoder: { connected: true }, picture: "on" }), "streams.encoder");
  assert.equal(words({ picture: "paused" }), "streams.browser");
  assert.equal(words({ picture: "on", here: false }), "streams.picture", "another process knows more");
  assert.equal(words({ picture: "gone" }), "streams.gone");
  assert.equal(words({}), "streams.waits");
  assert.equal(words({ made_at_ms: null }), "streams.none");
});

test("cities stand in code order, the unit without a standard code last; closed branches fold", () => {
  const codes = (opened) => rowsOf(REGIONS, "220000", new Set(opened)).map((row) => row.region.code);
  assert.deepEqual(codes([]), ["220000"]);
  assert.deepEqual(codes(["220000"]), ["220000", "220100", "220200", "CBS"]);
  assert.deepEqual(codes(["220000", "220100"]), ["220000", "220100", "220122", "220182", "220200", "CBS"]);
});

test("a city's own hall is its branch less its counties", () => {
  const numbers = merged(new Map(), [
    { region: "220100", numbers: { live: 3, online: 90, cards: 12 } },
    { region: "220122", numbers: { live: 1, online: 20, cards: 5 } },
    { region: "220182", numbers: { online: 10 } },
  ]);
  assert.deepEqual(ownNumbers(numbers, childrenOf(REGIONS), "220100"), {
    live: 2, online: 60, cards: 7, applications: 0, intents: 0,
  });
});

test("a pulse changes the lines it carries and leaves the others", () => {
  const before = merged(new Map(), [{ region: "a", numbers: { live: 1 } }, { region: "b", numbers: { online: 4 } }]);
  const after = merged(before, [{ region: "a", numbers: {} }]);
  assert.equal(after.get("a").live, 0);
  assert.equal(after.get("b").online, 4);
  assert.equal(before.get("a").live, 1);
});

test("a branch holds everything below its root and nothing beside it", () => {
  assert.deepEqual([...branchOf(REGIONS, "220100")].sort(), ["220100", "220122", "220182"]);
});

test("names are said the short way", () => {
  const said = { 长春市: "长春", 前郭尔罗斯蒙古族自治县: "前郭", 延边朝鲜族自治州: "延边", 长白朝鲜族自治县: "长白",
    伊通满族自治县: "伊通", 长白山保护开发区: "长白山", 公主岭市: "公主岭", 农安县: "农安", 吉林省: "吉林" };
  for (const [name, short] of Object.entries(said)) assert.equal(shortName(name), short);
});

test("a city and a county of one name stay apart", () => {
  const units = [
    { code: "220500", name: "通化市", level: "city" },
    { code: "220521", name: "通化县", level: "county" },
    { code: "220523", name: "辉南县", level: "county" },
  ];
  assert.deepEqual([...shortNames(units).values()], ["通化", "通化县", "辉南"]);
});

test("every unit has a cell of its own, near its place", () => {
  const units = [];
  for (let at = 0; at < 49; at++) units.push({ code: `U${at}`, lon: 122 + (at * 37 % 49) / 6, lat: 41 + (at * 17 % 49) / 10 });
  units.push({ code: "nowhere" });
  const tiles = tilesOf(units, 11, 8);
  assert.equal(tiles.size, 49);
  assert.equal(new Set(Array.from(tiles.values(), (cell) => `${cell.column},${cell.row}`)).size, 49);
  const west = units.filter((unit) => unit.lon < 124).map((unit) => tiles.get(unit.code).column);
  const east = units.filter((unit) => unit.lon > 128).map((unit) => tiles.get(unit.code).column);
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  assert.ok(mean(east) - mean(west) > 4, `${mean(west)} ${mean(east)}`);
  assert.deepEqual(tilesOf(units, 11, 8), tiles);
  assert.throws(() => tilesOf(units, 6, 8), RangeError);
  assert.equal(tilesOf([], 3, 3).size, 0);
});

test("a dot's area follows the number, an empty hall keeps a small dot", () => {
  assert.equal(dotShare(0, 100), 0.1);
  assert.equal(dotShare(100, 100).toFixed(2), "0.42");
  assert.equal(dotShare(25, 100).toFixed(2), "0.26");
  assert.equal(dotShare(5, 0), 0.1);
});

test("arrow keys go round the tabs, Home and End to the ends, other keys nowhere", () => {
  assert.equal(tabAfter("ArrowRight", 0, 3), 1);
  assert.equal(tabAfter("ArrowRight", 2, 3), 0);
  assert.equal(tabAfter("ArrowLeft", 0, 3), 2);
  assert.equal(tabAfter("Home", 2, 3), 0);
  assert.equal(tabAfter("End", 0, 3), 2);
  assert.equal(tabAfter("Enter", 0, 3), null);
});

test("what a file is refused for is known before it travels, and said in words", () => {
  assert.equal(faultOf([]), null);
  assert.equal(faultOf([{ size: 10 }]), null);
  assert.equal(faultOf([{ size: 10 }, { size: 10 }]), "two_files");
  assert.equal(faultOf([{ size: MOST_BYTES + 1 }]), "too_big");
  assert.equal(faultOf([{ size: 0 }]), "empty");
  assert.equal(sentenceOf({ code: "bad_message", params: { why: "protected" } }), "protected");
  assert.equal(sentenceOf({ code: "too_large", params: {} }), "too_big");
  assert.equal(sentenceOf({ code: "forbidden", params: {} }), null);
});
