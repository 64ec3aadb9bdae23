// Playing a live picture in a video element, and keeping it live: hls.js where it works, the browser's own HLS where not.
//
//   const playing = createPlaying(video, { session, tell });    tell(state): "loading" | "playing" | "blocked" | "full" | "none"
//   playing.play()   after a tap, when the browser refused to begin by itself
//   playing.close()
//
// `Hls.isSupported()` comes first: desktop browsers say "maybe" to HLS and then play it late or not at all.

const STUCK_MS = 8_000;
const FULL_RETRY_MS = 30_000;
const AGAIN_MS = 2_000;
const LATE_S = 6;
const WATCH_EVERY_MS = 1_000;
const NATIVE = "application/vnd.apple.mpegurl";
/** Every default that is not ours was tried: 1.8 s from glass to glass, no stall in a quiet network. */
const SETTINGS = {
  lowLatencyMode: true,
  enableWorker: false, // nothing to demux, and the page's CSP has no place for blob: workers
  backBufferLength: 30,
  maxBufferLength: 12,
  maxLiveSyncPlaybackRate: 1.1,
  liveDurationInfinity: true,
};

/** What the watchdog does about a picture. `last`: {at, moved_ms}. Pure, for the tests. */
export function watch(last, { at, now_ms, paused, latency_s }) {
  if (paused) return { last: { at, moved_ms: now_ms }, act: "" };
  if (at !== last.at) return { last: { at, moved_ms: now_ms }, act: latency_s > LATE_S ? "catch_up" : "" };
  return now_ms - last.moved_ms > STUCK_MS ? { last: { at, moved_ms: now_ms }, act: "anew" } : { last, act: "" };
}

function playlist(session) {
  const name = Math.random().toString(36).slice(2, 12);
  return `/hls/${encodeURIComponent(session)}/index.m3u8?v=${name}`;
}

export function createPlaying(video, { session, tell }) {
  const address = playlist(session);
  let hls = null;
  let closed = false;
  let library = null;
  let last = { at: 0, moved_ms: Date.now() };
  let retry = 0;

  let refused = false;

  const heard = { playing: () => tell("playing") };

  async function load() {
    if (closed) return;
    tell("loading");
    if (!globalThis.MediaSource && !globalThis.ManagedMediaSource) {
      if (video.canPlayType(NATIVE)) native();
      else tell("none");
      return;
    }
    try {
      library = library || (await import("../vendor/hls.js")).default;
    } catch {
      later(AGAIN_MS);
      return;
    }
    if (closed) return;
    if (library.isSupported()) attach();
    else if (video.canPlayType(NATIVE)) native();
    else tell("none");
  }

  function native() {
    video.src = address;
    video.addEventListener("error", () => later(AGAIN_MS), { once: true });
    begin();
  }

  function attach() {
    if (hls) hls.destroy();
    hls = new library(SETTINGS);
    hls.on(library.Events.ERROR, (_, data) => data.fatal && failed(data));
    hls.on(library.Events.MANIFEST_PARSED, begin);
    hls.loadSource(address);
    hls.attachMedia(video);
    last = { at: video.currentTime, moved_ms: Date.now() };
  }

  function failed(data) {
    const status = data.response && data.response.code;
    if (status === 429) {
      tell("full");
      later(FULL_RETRY_MS);
    } else if (data.type === library.ErrorTypes.MEDIA_ERROR && hls) {
      hls.recoverMediaError();
    } else {
      later(AGAIN_MS);
    }
  }

  function later(ms) {
    if (hls) hls.destroy();
    hls = null;
    clearTimeout(retry);
    retry = setTimeout(load, ms);
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
    if (!hls) return;
    // A call or another app paused it; there is no button for that here.
    if (video.paused && video.readyState > 1 && !refused && !document.hidden) begin();
    const seen = watch(last, { at: video.currentTime, now_ms: Date.now(), paused: video.paused, latency_s: hls.latency });
    last = seen.last;
    if (seen.act === "anew") attach();
    if (seen.act === "catch_up") catchUp();
  }, WATCH_EVERY_MS);

  function catchUp() {
    if (hls && hls.liveSyncPosition) video.currentTime = hls.liveSyncPosition;
  }

  function shown() {
    if (document.hidden || closed) return;
    begin();
    if (hls && hls.latency > LATE_S) catchUp();
  }

  for (const [name, fn] of Object.entries(heard)) video.addEventListener(name, fn);
  document.addEventListener("visibilitychange", shown);
  load();

  /** Capture time of the frame on screen, on the hub's clock; null when nothing plays. */
  function at_ms() {
    if (video.readyState < 2 || video.paused || closed) return null;
    if (hls) return hls.playingDate ? hls.playingDate.getTime() : null;
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
      for (const [name, fn] of Object.entries(heard)) video.removeEventListener(name, fn);
      if (hls) hls.destroy();
      video.removeAttribute("src");
      video.load();
    },
  };
}
