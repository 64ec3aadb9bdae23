// Decisions of a broadcast, without a browser: which format to record, which bitrate, what a closed line means.

/** In the order of preference: pieces as they are recorded; MP4 (Safari), which comes a group of pictures at a time; VP8,
    which the hub makes into H.264. The recorder's own `mimeType` is the truth afterwards. */
export const LADDER = [
  "video/webm;codecs=h264,opus",
  "video/mp4;codecs=avc1.42E01E,mp4a.40.2",
  "video/mp4;codecs=avc1.42E01E,opus",
  "video/webm;codecs=vp8,opus",
];
/** A recorder of MP4 gives nothing away before its next key frame, so those come every second. */
const KEY_EVERY_MS = { "video/webm": 2_000, "video/mp4": 1_000 };
export const RATES_KBIT = [1500, 800, 500, 300, 180];
export const USUAL_KBIT = 800;
const CALM_MS = 60_000;
const FULL_S = 1.5;
const HOPELESS_S = 6;

/** @param {(mime: string) => boolean} supported MediaRecorder.isTypeSupported */
export function chooseFormat(supported) {
  return LADDER.find((mime) => supported(mime)) || null;
}

export function keyEveryMs(mime) {
  return KEY_EVERY_MS[mime.split(";")[0]];
}

/** What is wrong with a source, in the word the hub knows; "" for nothing. `tracks`: [{kind, bad}]. */
export function whatIsWrong({ hidden, tracks, low }) {
  if (hidden) return "hidden";
  if (tracks.some((track) => track.kind === "video" && track.bad)) return "camera";
  if (tracks.some((track) => track.kind === "audio" && track.bad)) return "microphone";
  return low ? "battery" : "";
}

/** The way to the hub, as the bytes tell that wait for it. `since`: when it was last full or changed. */
export function createUplink(now_ms, kbit = USUAL_KBIT) {
  return { kbit, since: now_ms, usual: USUAL_KBIT };
}

/** One look at `bufferedAmount`. Gives the uplink afterwards and what to do: "" | "restart" with another rate | "reconnect". */
export function lookAtUplink(uplink, buffered_bytes, now_ms) {
  const waiting_s = (buffered_bytes * 8) / (uplink.kbit * 1000);
  if (waiting_s > HOPELESS_S) return { uplink: slower(uplink, now_ms), act: "reconnect" };
  if (waiting_s > FULL_S) {
    const next = slower(uplink, now_ms);
    // Once for each fullness: a new recording needs a while before it shows.
    if (next.kbit === uplink.kbit || now_ms - uplink.since < 4_000) return { uplink, act: "" };
    return { uplink: next, act: "restart" };
  }
  if (uplink.kbit < uplink.usual && now_ms - uplink.since > CALM_MS) {
    const at = RATES_KBIT.indexOf(uplink.kbit);
    return { uplink: { ...uplink, kbit: RATES_KBIT[at - 1], since: now_ms }, act: "restart" };
  }
  return { uplink, act: "" };
}

function slower(uplink, now_ms) {
  const at = RATES_KBIT.indexOf(uplink.kbit);
  return { ...uplink, kbit: RATES_KBIT[Math.min(at + 1, RATES_KBIT.length - 1)], since: now_ms };
}

/** What the page does after its line to `/media` closed. */
export function afterMediaClose(code) {
  if (code === 4505) return "taken";
  if (code === 4501) return "signed_out";
  return code >= 4500 && code <= 4999 ? "stop" : "come_back";
}

/** What stands in the way of a broadcast in this browser; "" when nothing does. */
export function obstacle({ secure, media, recorder, format }) {
  if (!secure) return "insecure";
  if (!media || !recorder) return "browser";
  return format ? "" : "browser";
}

/** A locale key for what getUserMedia said. */
export function cameraTrouble(name) {
  if (name === "NotAllowedError" || name === "SecurityError") return "cast.no_permission";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "cast.no_camera";
  if (name === "NotReadableError" || name === "AbortError") return "cast.camera_busy";
  return "cast.camera_failed";
}
