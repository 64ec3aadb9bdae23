// The picture on its way out: camera or screen, a MediaRecorder, a websocket of its own to `/media`, and the way back.
//
//   const cast = createBroadcast({ link, account, sessionId });
//   cast.store.state = { phase, stream, trouble, behind_ms, watching, kbit, warning }
//     phase: "off" | "asking" | "ready" (preview) | "connecting" | "on" | "waiting" (comes back by itself) | "taken"
//   await cast.open({ kind: "camera" | "screen", camera, microphone });   cast.start(takeOver)   cast.pause(on)   cast.stop()
//
// A recorder cannot change its bitrate or skip frames, so whatever must change is a new recording: the hub makes it a new
// generation, and viewers see it after a second or two without doing anything.

import { createStore } from "../shared/store.js";
import { afterMediaClose, cameraTrouble, chooseFormat, createUplink, lookAtUplink, obstacle } from "./recording.js";

const SLICE_MS = 200;
const KEY_EVERY_MS = 2000;
const SOUND_BIT_S = 64_000;
const LOOK_EVERY_MS = 500;
const BACK_FIRST_MS = 500;
const BACK_MOST_MS = 8_000;
const BEGINS_PER_MINUTE = 12;
const OFF = { phase: "off", kind: "camera", stream: null, trouble: null, warning: null, behind_ms: null, watching: 0, kbit: 0, paused: false };

export function createBroadcast({ link, account, sessionId }) {
  const store = createStore(OFF);
  const source = crypto.randomUUID ? crypto.randomUUID() : String(Math.random()).slice(2).padEnd(16, "0");
  let socket = null;
  let recorder = null;
  let uplink = createUplink(Date.now());
  let failures = 0;
  let begins = [];
  let wanted = false;
  let opening = 0;
  let lock = null;
  const timers = {};

  // ---- camera and microphone ----

  async function open({ kind = "camera", camera, microphone } = {}) {
    const stands = obstacle({
      secure: globalThis.isSecureContext,
      media: navigator.mediaDevices && navigator.mediaDevices.getUserMedia,
      recorder: globalThis.MediaRecorder,
      format: globalThis.MediaRecorder && chooseFormat((mime) => MediaRecorder.isTypeSupported(mime)),
    });
    if (stands) return store.set({ trouble: `cast.${stands}` });
    const mine = ++opening;
    const before = store.state;
    if (!before.stream) store.set({ phase: "asking" });
    store.set({ trouble: null });
    try {
      const stream = kind === "screen" ? await screen(microphone) : await devices(camera, microphone);
      if (mine !== opening) return close(stream);
      use(stream, kind);
    } catch (error) {
      if (mine !== opening) return undefined;
      // A screen that was not chosen is no trouble.
      const quiet = kind === "screen" && error.name === "NotAllowedError";
      store.set({ phase: store.state.stream ? store.state.phase : "off", trouble: quiet ? null : cameraTrouble(error.name) });
    }
    return undefined;
  }

  function devices(camera, microphone) {
    return navigator.mediaDevices.getUserMedia({
      video: {
        ...(camera ? { deviceId: { exact: camera } } : { facingMode: "environment" }),
        width: { ideal: 854 },
        height: { ideal: 480 },
        frameRate: { ideal: 25, max: 30 },
      },
      audio: sound(microphone),
    });
  }

  const sound = (microphone) => ({ ...(microphone ? { deviceId: { exact: microphone } } : {}), echoCancellation: true, noiseSuppression: true });

  async function screen(microphone) {
    const shown = await navigator.mediaDevices.getDisplayMedia({ video: { width: { max: 1280 }, height: { max: 720 }, frameRate: { max: 15 } } });
    const spoken = await navigator.mediaDevices.getUserMedia({ audio: sound(microphone) }).catch(() => null);
    return new MediaStream([...shown.getVideoTracks(), ...(spoken ? spoken.getAudioTracks() : [])]);
  }

  function use(stream, kind) {
    const { stream: old, phase, paused } = store.state;
    for (const track of stream.getTracks()) {
      track.enabled = !paused;
      track.onended = () => lost(stream, kind === "screen" ? "cast.screen_ended" : "cast.device_lost");
      track.onmute = () => store.state.stream === stream && store.set({ warning: track.kind === "video" ? "cast.camera_muted" : "cast.microphone_muted" });
      track.onunmute = () => store.state.stream === stream && store.set({ warning: null });
    }
    store.set({ stream, kind, phase: ["off", "asking"].includes(phase) ? "ready" : phase, warning: null });
    if (wanted && socket) record();
    close(old);
  }

  function lost(stream, warning) {
    if (store.state.stream === stream) store.set({ warning });
  }

  function close(stream) {
    for (const track of stream ? stream.getTracks() : []) {
      track.onended = null;
      track.stop();
    }
  }

  // ---- the line ----

  function start(takeOver = false) {
    if (!store.state.stream) return;
    wanted = true;
    failures = 0;
    begins = [];
    uplink = createUplink(Date.now());
    store.set({ trouble: null });
    stayAwake();
    connect(takeOver);
  }

  async function connect(takeOver) {
    clearTimeout(timers.back);
    dropLine();
    if (!wanted) return;
    store.set({ phase: failures ? "waiting" : "connecting" });
    let token;
    const mine = {};
    socket = mine;
    try {
      token = await account.ready();
    } catch (error) {
      if (socket === mine) end("cast.signed_out");
      return;
    }
    if (socket !== mine) return;
    const ws = new WebSocket(`${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/media?session=${encodeURIComponent(sessionId)}`);
    socket = ws;
    ws.onopen = () => ws.send(JSON.stringify({ t: "broadcast", token, session: sessionId, source, take_over: takeOver }));
    ws.onmessage = (event) => socket === ws && hear(JSON.parse(event.data));
    ws.onclose = (event) => socket === ws && closed(event.code);
  }

  function hear(message) {
    if (message.t === "ready") {
      failures = 0;
      record();
      clearInterval(timers.look);
      timers.look = setInterval(look, LOOK_EVERY_MS);
      if (store.state.paused) say({ t: "pause", paused: true });
    }
    if (message.t === "begun") store.set({ phase: "on" });
    if (message.t === "heard") store.set({ behind_ms: message.behind_ms, watching: message.watching, kbit: message.kbit_s });
    if (message.t === "again") record();
    if (message.t === "stopped") end("cast.stopped");
    if (message.t === "refused") refused(message);
  }

  function refused({ code, temporary, params = {} }) {
    if (code === "picture_taken") {
      wanted = false;
      dropLine();
      store.set({ phase: "taken" });
    } else if (code === "token_expired") {
      account.renew().catch(() => undefined);
    } else if (!temporary) {
      const words = code === "unavailable" && { video: "cast.no_packager", transcoding: "cast.no_transcoder" }[params.what];
      end(words || { code, params });
    }
  }

  function closed(code) {
    const then = afterMediaClose(code);
    dropLine();
    if (!wanted) return;
    if (then === "taken") {
      wanted = false;
      store.set({ phase: "taken" });
    } else if (then === "come_back") {
      comeBack();
    } else {
      end(then === "signed_out" ? "cast.signed_out" : "cast.ended");
    }
  }

  function comeBack() {
    store.set({ phase: "waiting" });
    const most = Math.min(BACK_MOST_MS, BACK_FIRST_MS * 2 ** failures);
    failures += 1;
    timers.back = setTimeout(connect, BACK_FIRST_MS + Math.random() * (most - BACK_FIRST_MS), false);
  }

  function dropLine() {
    stopRecorder();
    clearInterval(timers.look);
    const ws = socket;
    socket = null;
    if (ws && ws.close) {
      ws.onopen = ws.onmessage = ws.onclose = null;
      ws.close();
    }
  }

  function say(message) {
    if (socket && socket.readyState === 1) socket.send(JSON.stringify(message));
  }

  // ---- the recording ----

  function record() {
    stopRecorder();
    const { stream } = store.state;
    if (!socket || socket.readyState !== 1 || !stream) return;
    const now = Date.now();
    begins = [...begins.filter((at) => now - at < 60_000), now];
    if (begins.length > BEGINS_PER_MINUTE) {
      end("cast.keeps_failing");
      return;
    }
    const ws = socket;
    const mime = chooseFormat((one) => MediaRecorder.isTypeSupported(one));
    let mine;
    try {
      mine = new MediaRecorder(stream, {
        mimeType: mime,
        videoBitsPerSecond: uplink.kbit * 1000,
        audioBitsPerSecond: SOUND_BIT_S,
        videoKeyFrameIntervalDuration: KEY_EVERY_MS,
      });
    } catch {
      end("cast.browser");
      return;
    }
    recorder = mine;
    mine.ondataavailable = ({ data }) => {
      if (recorder === mine && socket === ws && data.size) ws.send(data);
    };
    mine.onerror = () => recorder === mine && comeBackFromError();
    mine.start(SLICE_MS);
    say({ t: "begin", mime: mine.mimeType || mime, started_at_ms: Math.round(link.serverNow()) });
  }

  function comeBackFromError() {
    dropLine();
    comeBack();
  }

  function stopRecorder() {
    const old = recorder;
    recorder = null;
    if (old && old.state !== "inactive") {
      try {
        old.stop();
      } catch {
        // It ended by itself, with its tracks.
      }
    }
  }

  function look() {
    if (!socket || !recorder) return;
    const result = lookAtUplink(uplink, socket.bufferedAmount, Date.now());
    uplink = result.uplink;
    if (result.act === "restart") record();
    if (result.act === "reconnect") comeBackFromError();
  }

  // ---- the host's wishes ----

  function pause(paused) {
    const { stream } = store.state;
    // Black and silent at the source: nothing of the room leaves this machine while it is paused.
    for (const track of stream ? stream.getTracks() : []) track.enabled = !paused;
    store.set({ paused });
    say({ t: "pause", paused });
  }

  /** Off the air; the preview stays, so that starting again is one press. */
  function end(trouble = null) {
    wanted = false;
    clearTimeout(timers.back);
    dropLine();
    sleepAgain();
    if (store.state.paused) pause(false);
    store.set({ phase: store.state.stream ? "ready" : "off", trouble, behind_ms: null, watching: 0 });
  }

  function stop() {
    end();
    opening += 1;
    close(store.state.stream);
    store.set(OFF);
  }

  async function stayAwake() {
    try {
      if (navigator.wakeLock && !lock) lock = await navigator.wakeLock.request("screen");
      if (lock) lock.onrelease = () => (lock = null);
    } catch {
      lock = null; // low battery: the page still warns when it is hidden
    }
  }

  function sleepAgain() {
    if (lock) lock.release().catch(() => undefined);
    lock = null;
  }

  function seen() {
    if (!wanted) return;
    if (document.visibilityState === "visible") {
      stayAwake();
      if (store.state.phase === "waiting") connect(false);
    }
  }
  document.addEventListener("visibilitychange", seen);

  return {
    store,
    source,
    open,
    start,
    pause,
    end: () => end(),
    stop,
    close() {
      document.removeEventListener("visibilitychange", seen);
      stop();
    },
  };
}
