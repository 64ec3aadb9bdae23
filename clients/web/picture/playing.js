// Playing a live picture, or its sound alone, in a video element, and keeping it live: hls.js where it works, the browser's
// own HLS where not.
//
//   const playing = createPlaying(video, { session, rendition: "picture" | "sound", tell });
//     tell(state): "loading" | "playing" | "blocked" (even muted) | "full" (the hub's uplink) | "silent" (no sound to be
//     had alone) | "none" (this browser cannot)
//   playing.play()    after a tap, when the browser refused to begin by itself
//   playing.at_ms()   capture time of the frame on screen, on the hub's clock; null when nothing plays or all stands still
//   playing.close()
//
// `Hls.isSupported()` comes first: desktop browsers say "maybe" to HLS and then play it late or not at all.

import { addressOf as atHome } from "../shared/far.js";

const STUCK_MS = 8_000;
const STALLED_MS = 5_000;
const AGAIN_MS = 2_000;
const WATCH_EVERY_MS = 1_000;
const SLACK_S = 4;
const NATIVE = "application/vnd.apple.mpegurl";
const PLAYLIST = { picture: "index.m3u8", sound: "sound.m3u8" };
/** A segment of sound is two seconds long and has no parts, so it is fetched 5 s behind. */
const LATE_S = { picture: 6, sound: 14 };
/** Every default that is not ours was tried: 1.8 s from glass to glass, no stall in a quiet network. */
const SETTINGS = {
  picture: {
    lowLatencyMode: true,
    enableWorker: false, // nothing to demux, and the page's CSP has no place for blob: workers
    backBufferLength: 30,
    maxBufferLength: 12,
    maxLiveSyncPlaybackRate: 1.1,
    liveDurationInfinity: true,
  },
  sound: {
    lowLatencyMode: false,
    enableWorker: false,
    backBufferLength: 10,
    maxBufferLength: 20,
    liveSyncDuration: 4.5,
    liveMaxLatencyDuration: 13,
    maxLiveSyncPlaybackRate: 1.1,
    liveDurationInfinity: true,
  },
};

/** What the watchdog does about a picture. `last`: {at, moved_ms}. Pure, for the tests. */
export function watch(last, { at, now_ms, paused, latency_s, late_s = LATE_S.picture }) {
  if (paused) return { last: { at, moved_ms: now_ms }, act: "" };
  if (at !== last.at) return { last: { at, moved_ms: now_ms }, act: latency_s > late_s ? "catch_up" : "" };
  return now_ms - last.moved_ms > STUCK_MS ? { last: { at, moved_ms: now_ms }, act: "anew" } : { last, act: "" };
}

/** A name for the hub's count of players, and no more. */
const makeName = () => Math.random().toString(36).slice(2, 12);

export function addressOf(session, rendition, name) {
  return `${atHome(session, "/hls/")}/${PLAYLIST[rendition]}?v=${name}`;
}

/** Whether there is room for the moving picture now. */
export async function hasRoom(session) {
  const answer = await fetch(addressOf(session, "picture", "")).catch(() => null);
  return Boolean(answer && answer.ok);
}

/** How late is too late: the plain HLS of an engine is meant to be further behind than ours. Pure. */
export const lateFor = (rendition, target_s) => Math.max(LATE_S[rendition], (target_s || 0) + SLACK_S);

/** Capture time of the frame on screen: as the playlist's dates have it; an engine's may have none, then as far behind
    now as the player reckons. Pure. */
export function capturedAt({ playingDate, latency }, now_ms) {
  if (playingDate) return playingDate.getTime();
  return latency > 0 ? now_ms - latency * 1000 : null;
}

/** Whether the playhead has not moved for so long that nothing is kept in step with it any more. Pure. */
export const standsStill = (last, now_ms) => now_ms - last.moved_ms > STALLED_MS;

export function createPlaying(video, { session, rendition = "picture", tell, now = Date.now }) {
  const address = addressOf(session, rendition, makeName());
  let hls = null;
  let native = false;
  let closed = false;
  let library = null;
  let last = { at: 0, moved_ms: Date.now() };
  let retry = 0;
  let refused = false;

  // Some say that they play before there is a frame.
  const playsNow = () => !video.paused && video.readyState > 1 && video.currentTime > 0 && tell("playing");
  const heard = { playing: playsNow, timeupdate: playsNow };

  async function load() {
    if (closed) return;
    tell("loading");
    if (!globalThis.MediaSource && !globalThis.ManagedMediaSource) {
      playNative();
      return;
    }
    try {
      library = library || (await import("../vendor/hls.js")).default;
    } catch {
      later();
      return;
    }
    if (closed) return;
    if (library.isSupported()) attach();
    else playNative();
  }

  async function playNative() {
    if (!video.canPlayType(NATIVE)) {
      tell("none");
      return;
    }
    // The browser's own player does not say why it fails: asked here first.
    const answer = await fetch(address).catch(() => null);
    if (closed) return;
    if (answer && !answer.ok) {
      turnedAway(answer.status);
      return;
    }
    native = true;
    last = { at: video.currentTime, moved_ms: Date.now() };
    video.src = address;
    begin();
  }

  function attach() {
    if (hls) hls.destroy();
    hls = new library(SETTINGS[rendition]);
    hls.on(library.Events.ERROR, (_, data) => data.fatal && failed(data));
    hls.on(library.Events.MANIFEST_PARSED, begin);
    hls.loadSource(address);
    hls.attachMedia(video);
    last = { at: video.currentTime, moved_ms: Date.now() };
  }

  function failed(data) {
    const status = data.response && data.response.code;
    if (status === 429 || (rendition === "sound" && status === 404)) turnedAway(status);
    else if (data.type === library.ErrorTypes.MEDIA_ERROR && hls) hls.recoverMediaError();
    else later();
  }

  /** Whoever holds the player decides what to play instead. */
  function turnedAway(status) {
    stop();
    if (status === 429) tell("full");
    else if (rendition === "sound" && status === 404) tell("silent");
    else later();
  }

  function stop() {
    if (hls) hls.destroy();
    hls = null;
    if (native) {
      native = false;
      video.removeAttribute("src");
      video.load();
    }
  }

  function later() {
    stop();
    clearTimeout(retry);
    retry = setTimeout(load, AGAIN_MS);
  }

  /** Begins muted, because browsers refuse sound before a tap; some refuse that too. */
  function begin() {
    refused = false;
    const started = video.play();
    if (started) started.catch(blocked);
  }

  function blocked(error) {
    if (closed || error.name !== "NotAllowedError") return;
    refused = true;
    tell("blocked");
  }

  const timer = setInterval(() => {
    if (!hls && !native) return;
    // A call or another app paused it; there is no button for that here.
    if (video.paused && video.readyState > 1 && !refused && !document.hidden) begin();
    const latency_s = hls ? hls.latency : 0;
    const seen = watch(last, { at: video.currentTime, now_ms: Date.now(), paused: video.paused, latency_s, late_s: lateFor(rendition, hls.targetLatency) });
    last = seen.last;
    if (seen.act === "anew") anew();
    if (seen.act === "catch_up") catchUp();
  }, WATCH_EVERY_MS);

  function anew() {
    if (hls) attach();
    else later();
  }

  function catchUp() {
    if (hls && hls.liveSyncPosition) video.currentTime = hls.liveSyncPosition;
  }

  function shown() {
    if (document.hidden || closed || (!hls && !native)) return;
    begin();
    if (hls && hls.latency > lateFor(rendition, hls.targetLatency)) catchUp();
  }

  const nativeFailed = () => native && later();

  for (const [name, fn] of Object.entries(heard)) video.addEventListener(name, fn);
  video.addEventListener("error", nativeFailed);
  document.addEventListener("visibilitychange", shown);
  load();

  function at_ms() {
    if (video.readyState < 2 || video.paused || closed) return null;
    if (standsStill(last, Date.now())) return null;
    if (hls) return capturedAt(hls, now());
    const began = video.getStartDate && video.getStartDate().getTime();
    return began ? began + video.currentTime * 1000 : null;
  }

  return {
    at_ms,
    get hls() {
      return hls;
    },
    play: begin,
    close() {
      closed = true;
      clearInterval(timer);
      clearTimeout(retry);
      document.removeEventListener("visibilitychange", shown);
      video.removeEventListener("error", nativeFailed);
      for (const [name, fn] of Object.entries(heard)) video.removeEventListener(name, fn);
      if (hls) hls.destroy();
      video.removeAttribute("src");
      video.load();
    },
  };
}
