// The picture's pure parts: what is said in it, and what of a replay is in step.

import assert from "node:assert/strict";
import { test } from "node:test";

import { capturedAt, lateFor, standsStill, watch } from "../../clients/web/picture/playing.js";
import { inOrder, newAlarms, summary } from "../../clients/web/screen/picture_wall.js";
import { useWords } from "../../clients/web/shared/i18n.js";
import { formatSpan } from "../../clients/web/shared/span.js";
import { withSaid } from "../../clients/web/picture/captions.js";
import { wordsOf } from "../../clients/web/picture/player.js";
import { explainedAt } from "../../clients/web/picture/chapters.js";
import { saidBy, stretchesAt } from "../../clients/web/picture/replay_chat.js";
import { stillAddress } from "../../clients/web/picture/stills.js";

test("each rung says what it is, and nothing where the picture moves", () => {
  const said = (about) => (wordsOf({ live: "on", state: "playing", rendition: "picture", full: false, ...about }) || {}).key;
  assert.equal(said({}), undefined);
  assert.equal(said({ state: "blocked" }), undefined, "the button says it");
  assert.equal(said({ live: "gone" }), "player.gone");
  assert.equal(said({ live: "paused", rendition: "sound" }), "player.paused");
  assert.equal(said({ rendition: "none", state: "off" }), "player.off");
  assert.equal(said({ rendition: "sound" }), "player.sound_only", "a wish is no trouble");
  assert.equal(said({ rendition: "sound", full: true }), "player.full");
  assert.equal(said({ rendition: "sound", full: true, state: "loading" }), "player.full");
  assert.equal(said({ rendition: "sound", full: true, state: "full" }), "player.stills");
  assert.equal(said({ rendition: "sound", state: "silent" }), "player.no_sound");
});

test("captions stay as long as it takes to read them, two at most", () => {
  const said = (offset) => ({ offset, body: { text: `第${offset}句` } });
  const texts = (shown) => shown.map((one) => one.text);
  let shown = withSaid([], said(1), 0);
  shown = withSaid(shown, said(2), 1_000);
  assert.deepEqual(texts(shown), ["第1句", "第2句"]);
  assert.deepEqual(texts(withSaid(shown, said(2), 1_500)), ["第1句", "第2句"], "once, whoever draws again");
  shown = withSaid(shown, said(3), 2_000);
  assert.deepEqual(texts(shown), ["第2句", "第3句"]);
  assert.deepEqual(texts(withSaid(shown, null, 10_500)), ["第3句"]);
  assert.deepEqual(withSaid(shown, null, 12_000), []);
});

test("a still has one address for everybody within ten seconds", () => {
  assert.equal(stillAddress("S 1", 19_999), stillAddress("S 1", 10_000));
  assert.notEqual(stillAddress("S 1", 20_000), stillAddress("S 1", 19_999));
  assert.match(stillAddress("S 1", 0), /^\/hls\/S%201\/still\.jpg\?n=0$/);
});

test("sound may be further behind than a picture", () => {
  const now = { at: 2, now_ms: 5_000, paused: false, latency_s: 9 };
  assert.equal(watch({ at: 1, moved_ms: 0 }, now).act, "catch_up");
  assert.equal(watch({ at: 1, moved_ms: 0 }, { ...now, late_s: 14 }).act, "");
});

test("a card waits for no picture that stands still", () => {
  const { last } = watch({ at: 1, moved_ms: 0 }, { at: 2, now_ms: 1_000, paused: false, latency_s: 2 });
  assert.equal(standsStill(last, 5_900), false);
  assert.equal(standsStill(last, 6_100), true);
});

test("chat of a replay is fetched before it is needed, and shown when it was said", () => {
  assert.deepEqual(stretchesAt(1_000_000, 1_500_000, 1_000_000), [0, 1]);
  assert.deepEqual(stretchesAt(1_000_000, 1_500_000, 1_250_000), [2, 3]);
  assert.deepEqual(stretchesAt(1_000_000, 1_500_000, 1_499_000), [4]);
  assert.deepEqual(stretchesAt(1_000_000, 1_001_000, 99), [0]);
  const stretches = new Map([
    [1, [{ offset: 3, at_ms: 130_000 }]],
    [0, [{ offset: 1, at_ms: 10 }, { offset: 2, at_ms: 90_000 }]],
  ]);
  assert.deepEqual(saidBy(stretches, 9).map((one) => one.offset), []);
  assert.deepEqual(saidBy(stretches, 90_000).map((one) => one.offset), [1, 2]);
  assert.deepEqual(saidBy(stretches, 200_000).map((one) => one.offset), [1, 2, 3], "back and forth, whatever was fetched first");
});

test("the chapter of a moment", () => {
  const chapters = [{ from_ms: 10, to_ms: 20 }, { from_ms: 30, to_ms: 40 }];
  assert.deepEqual([9, 10, 19, 20, 35, 40].map((at) => explainedAt(chapters, at)), [null, chapters[0], chapters[0], null, chapters[1], null]);
});

test("the wall calls nothing fine that cannot be seen here", () => {
  const [seen, away, covered] = [{ picture: "live" }, { alarms: [] }, { picture: "paused" }];
  assert.deepEqual(summary([seen, seen]), ["wall.good", { n: 2, count: 2 }]);
  assert.deepEqual(summary([seen, away, covered]), ["wall.good_some", { n: 1, all: 3, rest: 2 }]);
  assert.deepEqual(summary([away]), ["wall.good_none", { n: 1, count: 1 }]);
  assert.deepEqual(summary([seen, away, { picture: "live", alarms: [{ what: "black" }] }]), ["wall.bad", { n: 1, all: 3, count: 1 }]);
});

test("the wall shows first what wants somebody, and keeps the places of the rest", () => {
  const tile = (session, ...what) => ({ session, alarms: what.map((one) => ({ what: one, since_ms: 0 })) });
  const tiles = [tile("a"), tile("b", "silent"), { session: "c" }, tile("d", "frozen", "silent"), tile("e", "gone"), tile("f", "black")];
  assert.deepEqual(inOrder(tiles).map((one) => one.session), ["e", "f", "d", "b", "a", "c"]);
});

test("an alarm sounds once, and again when it comes back", () => {
  const bad = [{ session: "a", alarms: [{ what: "black", since_ms: 1 }] }];
  const first = newAlarms([], bad);
  assert.deepEqual(first.fresh, ["a black"]);
  assert.deepEqual(newAlarms(first.now, bad).fresh, []);
  const gone = newAlarms(first.now, [{ session: "a" }]);
  assert.deepEqual(newAlarms(gone.now, bad).fresh, ["a black"]);
});

test("a span as one says it", () => {
  useWords("zh-CN", { "wait.seconds": "{n} 秒", "wait.minutes": "{n} 分钟", "wait.hours": "{n} 小时" });
  assert.deepEqual([-5, 20_400, 180_000, 7_200_000].map(formatSpan), ["0 秒", "20 秒", "3 分钟", "2 小时"]);
});

test("a picture without dates is as old as the player reckons", () => {
  const date = new Date(5_000);
  assert.equal(capturedAt({ playingDate: date, latency: 9 }, 20_000), 5_000);
  assert.equal(capturedAt({ playingDate: null, latency: 6 }, 20_000), 14_000);
  assert.equal(capturedAt({ playingDate: null, latency: 0 }, 20_000), null);
});

test("what is meant to be far behind is not caught up with", () => {
  assert.equal(lateFor("picture", 1.5), 6);
  assert.equal(lateFor("picture", 9), 13);
  assert.equal(lateFor("picture", null), 6);
  assert.equal(lateFor("sound", 4.5), 14);
});
