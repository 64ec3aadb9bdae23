// The live picture without delay (about a second), for those on duty: the same parts as viewers get, over `/live` into MSE.
//
//   const live = openLive({ account, session, video, tell, standing, now });
//     video      an element (muted, playsinline), or none for the standing alone
//     tell(state)      "connecting" | "waiting" (no picture yet) | "playing" | "away" (comes back by itself)
//                      | "none" (this browser cannot) | "refused"; live.error is the RefusalError then
//     standing(about)  every 2 s and on changes: { picture: "on|paused|gone|", source: "console|phone|encoder|", source_name,
//                      since_ms, behind_ms, watching, kbit_s, dropped, now_ms }
//     now()            the hub's clock in ms, such as link.serverNow; without it the one of `standing` is reckoned on
//   live.at_ms()       capture time of the frame on screen, null when nothing plays
//   live.latency_ms()  how old that frame is          live.dropped_frames()
//   live.stopSource()  ends whatever sends the picture (the host's right)
//   live.close()
//
// A watcher that is slow is skipped by the hub to the next key frame; here the playhead stays TARGET_S behind the newest
// frame, plays a little faster when it is later than that and jumps when it is far off. Where frames come in bursts (a
// recorder of MP4 gives them away once a second) it runs dry a few times and then stays that much further behind.

import { RefusalError } from "./api.js";
import { afterClose, backoffMs } from "./link.js";

export const TARGET_S = 0.6;
const TARGET_MOST_S = 2;
const TARGET_STEP_S = 0.35;
const LATE_S = 0.3;
const SCARCE_S = 0.25;
const DRY_S = 0.04;
const JUMP_S = 3;
const KEEP_S = 10;
const STUCK_MS = 5_000;
const LOOK_EVERY_MS = 250;
const SOURCE = () => globalThis.ManagedMediaSource || globalThis.MediaSource;

/** What the playhead does now. Pure, for the tests. `ranges`: [[start, end], …] of what is buffered, in seconds. */
export function steer({ at, ranges, target = TARGET_S }) {
  if (!ranges.length) return { rate: 1 };
  const [start, end] = ranges[ranges.length - 1];
  const inside = ranges.some(([from, to]) => at >= from - 0.05 && at < to);
  const ahead = end - at;
  // Before the first frame, at the edge of a gap (the hub skipped), or after a sleep.
  if (!inside || ahead > JUMP_S) {
    const to = Math.max(start, end - target);
    if (Math.abs(to - at) > 0.1) return { to, rate: 1 };
  }
  return { rate: ahead > target + LATE_S ? 1.1 : ahead < SCARCE_S ? 0.95 : 1 };
}

/** How far behind to stay, after a look at how much there was. Pure. `was_dry`: also at the look before. */
export function targetAfter(target, ahead_s, was_dry) {
  return ahead_s < DRY_S && !was_dry ? Math.min(TARGET_MOST_S, target + TARGET_STEP_S) : target;
}

/** Capture time of a moment of the player's clock. `openings`: [{from_s, base_ms}, …] in order. */
export function capturedAt(openings, at_s) {
  let found = null;
  for (const one of openings) if (one.from_s <= at_s + 0.05) found = one;
  return found && found.base_ms + at_s * 1000;
}

function address(session) {
  return `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/live?session=${encodeURIComponent(session)}`;
}

export function openLive({ account, session, video = null, tell = () => undefined, standing = () => undefined, now = null }) {
  let socket = null;
  let closed = false;
  let failures = 0;
  let retry = 0;
  let player = null;
  let openings = [];
  let ahead_ms = 0; // of the hub's clock
  let codecs = "";
  let moved = { at: 0, ms: Date.now() };
  let state = "";
  let target = TARGET_S;
  let dry = false;
  const live = { error: null, at_ms, latency_ms, dropped_frames, stopSource, close };

  const hubNow = () => (now ? now() : Date.now() + ahead_ms);

  function say(next) {
    if (closed || next === state) return;
    state = next;
    tell(next);
  }

  // ---- the line ----

  async function connect() {
    clearTimeout(retry);
    if (closed) return;
    if (video && !SOURCE()) return say("none");
    if (state !== "away") say("connecting");
    let token;
    try {
      token = await account.ready();
    } catch (error) {
      return over(error);
    }
    if (closed) return undefined;
    const ws = new WebSocket(address(session));
    ws.binaryType = "arraybuffer";
    socket = ws;
    ws.onopen = () => ws.send(JSON.stringify({ t: "watch", token, session, picture: Boolean(video) }));
    ws.onmessage = ({ data }) => socket === ws && (typeof data === "string" ? heard(JSON.parse(data)) : append(data));
    ws.onclose = ({ code }) => socket === ws && gone(code);
    return undefined;
  }

  function heard(message) {
    if (message.t === "standing") {
      failures = 0;
      ahead_ms = message.now_ms - Date.now();
      if (state === "connecting" || state === "away") say("waiting");
      standing(message);
    } else if (message.t === "opens") {
      opens(message);
    } else if (message.t === "moves") {
      note(message);
    } else if (message.t === "refused") {
      live.error = RefusalError.of(message);
      if (message.code === "token_expired") account.renew().catch(() => undefined);
    }
  }

  function gone(code) {
    socket = null;
    if (closed) return;
    if (afterClose(code) === "stop") over(live.error || new RefusalError("forbidden"));
    else away();
  }

  function away() {
    say("away");
    retry = setTimeout(connect, backoffMs(failures));
    failures += 1;
  }

  function over(error) {
    live.error = error;
    say("refused");
  }

  // ---- the picture ----

  function opens(message) {
    // A generation with sound after one without (or the other way) needs a player of its own.
    if (!player || tracks(codecs) !== tracks(message.codecs)) renew();
    codecs = message.codecs;
    player.codecs = codecs;
    note(message);
    open();
  }

  /** From there on the player's clock lies so. */
  function note({ from_s, base_ms }) {
    openings = [...openings.filter((one) => one.from_s < from_s), { from_s, base_ms }].slice(-16);
  }

  const tracks = (words) => words.split(",").length;

  function renew() {
    drop();
    const Kind = SOURCE();
    const mine = { source: new Kind(), buffer: null, queue: [], codecs: "", url: "" };
    player = mine;
    openings = [];
    mine.source.addEventListener("sourceopen", () => player === mine && open());
    video.disableRemotePlayback = true; // else Safari gives no ManagedMediaSource
    mine.url = URL.createObjectURL(mine.source);
    video.src = mine.url;
    moved = { at: 0, ms: Date.now() };
    target = TARGET_S;
  }

  function open() {
    if (!player || player.source.readyState !== "open") return;
    const type = `video/mp4; codecs="${player.codecs}"`;
    try {
      if (!player.buffer) {
        player.buffer = player.source.addSourceBuffer(type);
        player.buffer.mode = "segments";
        player.buffer.addEventListener("updateend", pump);
        player.buffer.addEventListener("error", broken);
      } else if (player.buffer.changeType) {
        player.queue.push({ type });
      }
    } catch {
      say("none");
    }
    pump();
  }

  function append(data) {
    if (!player) return;
    player.queue.push(data);
    if (player.queue.length > 64) broken();
    else pump();
  }

  function pump() {
    const { buffer, queue, source } = player || {};
    if (!buffer || buffer.updating || source.readyState !== "open") return;
    try {
      const { length } = buffer.buffered;
      if (length && video.currentTime - buffer.buffered.start(0) > 2 * KEEP_S) {
        buffer.remove(0, video.currentTime - KEEP_S);
        return;
      }
      while (queue.length) {
        const next = queue.shift();
        if (next.type) buffer.changeType(next.type);
        else {
          buffer.appendBuffer(next);
          return;
        }
      }
    } catch {
      broken();
    }
  }

  /** Begins anew: the hub sends the header and the newest key frame again. */
  function broken() {
    drop();
    const ws = socket;
    socket = null;
    if (ws) ws.close();
    if (!closed) away();
  }

  function drop() {
    const old = player;
    player = null;
    if (!old) return;
    URL.revokeObjectURL(old.url);
    video.removeAttribute("src");
    video.load();
  }

  function ranges() {
    const found = [];
    const { buffered } = video;
    for (let index = 0; index < buffered.length; index += 1) found.push([buffered.start(index), buffered.end(index)]);
    return found;
  }

  function look() {
    if (!player || !player.buffer) return;
    const found = ranges();
    if (state === "playing" && found.length) {
      const ahead_s = found[found.length - 1][1] - video.currentTime;
      target = targetAfter(target, ahead_s, dry);
      dry = ahead_s < DRY_S;
    }
    const { to, rate } = steer({ at: video.currentTime, ranges: found, target });
    if (to !== undefined) video.currentTime = to;
    if (video.playbackRate !== rate) video.playbackRate = rate;
    if (video.paused && video.readyState > 1 && !document.hidden) video.play().catch(() => undefined);
    if (video.currentTime !== moved.at) {
      moved = { at: video.currentTime, ms: Date.now() };
      if (video.readyState > 2) say("playing");
    } else if (Date.now() - moved.ms > STUCK_MS) {
      moved.ms = Date.now();
      if (player.queue.length || video.error) broken();
      else say("waiting");
    }
  }
  const timer = video ? setInterval(look, LOOK_EVERY_MS) : 0;

  // ---- what is asked ----

  function at_ms() {
    if (!video || !player || video.readyState < 2) return null;
    return capturedAt(openings, video.currentTime);
  }

  function latency_ms() {
    const at = at_ms();
    return at === null ? null : Math.max(0, Math.round(hubNow() - at));
  }

  function dropped_frames() {
    return video && video.getVideoPlaybackQuality ? video.getVideoPlaybackQuality().droppedVideoFrames : 0;
  }

  function stopSource() {
    if (socket && socket.readyState === 1) socket.send(JSON.stringify({ t: "stop_source" }));
  }

  /** Back in sight, or the network is back: no waiting. */
  function shown() {
    if (!closed && !socket && !document.hidden && state === "away") connect();
  }
  document.addEventListener("visibilitychange", shown);
  globalThis.addEventListener("online", shown);

  function close() {
    closed = true;
    clearTimeout(retry);
    clearInterval(timer);
    document.removeEventListener("visibilitychange", shown);
    globalThis.removeEventListener("online", shown);
    const ws = socket;
    socket = null;
    if (ws) ws.close();
    drop();
  }

  connect();
  return live;
}
