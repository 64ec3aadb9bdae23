// Decisions of a broadcast: format, bitrate, what a closed line means.

import assert from "node:assert/strict";
import { test } from "node:test";

import { RATES_KBIT, afterMediaClose, chooseFormat, createUplink, keyEveryMs, lookAtUplink, obstacle, whatIsWrong } from "../../clients/web/shared/recording.js";
import { watch } from "../../clients/web/picture/playing.js";

const seconds = (uplink, s) => (uplink.kbit * 1000 * s) / 8;

test("H.264 first, VP8 where there is none", () => {
  assert.equal(chooseFormat(() => true), "video/webm;codecs=h264,opus");
  assert.equal(chooseFormat((mime) => mime.includes("mp4a") || mime.includes("vp8")), "video/mp4;codecs=avc1.42E01E,mp4a.40.2");
  assert.equal(chooseFormat((mime) => mime.includes("vp8")), "video/webm;codecs=vp8,opus");
  assert.equal(chooseFormat(() => false), null);
});

test("a full line steps the bitrate down, once for each fullness", () => {
  let { uplink, act } = lookAtUplink(createUplink(0), seconds(createUplink(0), 2), 10_000);
  assert.deepEqual([uplink.kbit, act], [500, "restart"]);
  ({ uplink, act } = lookAtUplink(uplink, seconds(uplink, 2), 11_000));
  assert.deepEqual([uplink.kbit, act], [500, ""]);
  ({ uplink, act } = lookAtUplink(uplink, seconds(uplink, 2), 15_000));
  assert.deepEqual([uplink.kbit, act], [300, "restart"]);
});

test("a hopeless line is dropped, and the least bitrate stays", () => {
  const least = { ...createUplink(0), kbit: RATES_KBIT[RATES_KBIT.length - 1] };
  const { uplink, act } = lookAtUplink(least, seconds(least, 7), 10_000);
  assert.deepEqual([uplink.kbit, act], [least.kbit, "reconnect"]);
});

test("a minute of calm steps it up again, and never above what is usual", () => {
  const low = { ...createUplink(0), kbit: 500 };
  assert.equal(lookAtUplink(low, 0, 30_000).act, "");
  const { uplink, act } = lookAtUplink(low, 0, 61_000);
  assert.deepEqual([uplink.kbit, act], [800, "restart"]);
  assert.equal(lookAtUplink(uplink, 0, 200_000).act, "");
});

test("what a closed line means", () => {
  assert.deepEqual([1006, 4001, 4005, 4501, 4502, 4505].map(afterMediaClose), ["come_back", "come_back", "come_back", "signed_out", "stop", "taken"]);
});

test("what stands in the way", () => {
  const all = { secure: true, media: true, recorder: true, format: "x" };
  assert.equal(obstacle(all), "");
  assert.equal(obstacle({ ...all, secure: false }), "insecure");
  assert.equal(obstacle({ ...all, recorder: undefined }), "browser");
  assert.equal(obstacle({ ...all, format: null }), "browser");
});

test("the watchdog begins anew after eight seconds without progress, and catches up when late", () => {
  const moving = watch({ at: 1, moved_ms: 0 }, { at: 2, now_ms: 5_000, paused: false, latency_s: 2 });
  assert.deepEqual(moving, { last: { at: 2, moved_ms: 5_000 }, act: "" });
  assert.equal(watch(moving.last, { at: 2, now_ms: 12_000, paused: false, latency_s: 2 }).act, "");
  assert.equal(watch(moving.last, { at: 2, now_ms: 14_000, paused: false, latency_s: 2 }).act, "anew");
  assert.equal(watch(moving.last, { at: 2, now_ms: 14_000, paused: true, latency_s: 2 }).act, "");
  assert.equal(watch(moving.last, { at: 3, now_ms: 6_000, paused: false, latency_s: 9 }).act, "catch_up");
});

test("a recorder of MP4 makes a key frame every second", () => {
  assert.deepEqual(["video/mp4;codecs=avc1,opus", "video/webm;codecs=vp8"].map(keyEveryMs), [1000, 2000]);
});

test("what is wrong at a source, the worst first", () => {
  const fine = { hidden: false, tracks: [{ kind: "video", bad: false }, { kind: "audio", bad: false }], low: false };
  assert.equal(whatIsWrong(fine), "");
  assert.equal(whatIsWrong({ ...fine, low: true }), "battery");
  assert.equal(whatIsWrong({ ...fine, tracks: [{ kind: "audio", bad: true }], low: true }), "microphone");
  assert.equal(whatIsWrong({ ...fine, tracks: [{ kind: "audio", bad: true }, { kind: "video", bad: true }] }), "camera");
  assert.equal(whatIsWrong({ ...fine, hidden: true }), "hidden");
});
