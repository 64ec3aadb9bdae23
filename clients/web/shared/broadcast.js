// The picture on its way out: camera or screen, a MediaRecorder, a websocket of its own to `/media`, and the way back.
//
//   const cast = createBroadcast({ account, sessionId, now });      now(): the hub's clock in ms
//   const cast = createBroadcast({ account, sessionId, phone: true });   a phone with a pass: account.ready() gives the pass
//   cast.store.state = { phase, stream, trouble, behind_ms, watching, kbit, warning, uplink }
//     phase: "off" | "asking" | "ready" (preview) | "connecting" | "on" | "waiting" (comes back by itself)
//            | "taken" (another device sends: asked) | "told" (another device took over)
//     warning: a locale key, while something is wrong that may pass; uplink: { state: "" | "busy" | "done" | "failed", kbit }
//   await cast.open({ kind: "camera" | "screen", camera, microphone, facing });     also on the air
//   cast.start(takeOver)   cast.pause(on)   cast.end()   cast.stop()   cast.measure()
//
// A recorder cannot change its bitrate or skip frames, so whatever must change is a new recording: the hub makes it a new
// generation, and viewers see it after a second or two without doing anything.

import { createStore } from "./store.js";
import { afterMediaClose, cameraTrouble, chooseFormat, createUplink, keyEveryMs, lookAtUplink, obstacle, whatIsWrong } from "./recording.js";
import { measureUplink, mediaAddress, startRate } from "./uplink.js";

const SLICE_MS = 200;
const SOUND_BIT_S = 64_000;
const LOOK_EVERY_MS = 500;
const BACK_FIRST_MS = 500;
const BACK_MOST_MS = 8_000;
const BEGINS_PER_MINUTE = 12;
const REOPEN_MS = 1_500;
const REOPENS = 3;
const UNMEASURED = { state: "", kbit: 0 };
const OFF = { phase: "off", kind: "camera", stream: null, trouble: null, warning: null, behind_ms: null, watching: 0, kbit: 0, paused: false };
const WARNINGS = { camera: "cast.camera_muted", microphone: "cast.microphone_muted", hidden: "cast.was_hidden", battery: "cast.check_battery_low" };

/** What stands in the way of a broadcast in this browser; "" when nothing does. */
export function obstacleHere() {
  return obstacle({
    secure: globalThis.isSecureContext,
    media: navigator.mediaDevices && navigator.mediaDevices.getUserMedia,
    recorder: globalThis.MediaRecorder,
    format: globalThis.MediaRecorder && chooseFormat((mime) => MediaRecorder.isTypeSupported(mime)),
  });
}

/** What a source calls itself: the same after a lost connection, another one for each device. */
export function newSource() {
  return crypto.randomUUID ? crypto.randomUUID() : String(Math.random()).slice(2).padEnd(16, "0");
}

export function createBroadcast({ account, sessionId, now = null, phone = false, source = newSource() }) {
  const store = createStore({ ...OFF, uplink: UNMEASURED });
  let socket = null;
  let recorder = null;
  let uplink = createUplink(Date.now());
  let failures = 0;
  let begins = [];
  let wanted = false;
  let opening = 0;
  let lock = null;
  let ahead_ms = 0; // of the hub's clock
  let last = {}; // what was opened last
  let reopened = 0;
  let battery = null;
  let told = "";
  const timers = {};
  // A laptop goes on recording behind another window; a phone does not.
  const sleeps = phone || Boolean(globalThis.matchMedia && matchMedia("(pointer: coarse)").matches);
  if (navigator.getBattery) {
    navigator.getBattery().then((found) => {
      battery = found;
      battery.onlevelchange = battery.onchargingchange = watchOver;
    }, () => undefined);
  }

  const hubNow = () => (now ? now() : Date.now() + ahead_ms);

  // ---- camera and microphone ----

  async function open(wish = {}) {
    const { kind = "camera", camera, microphone, facing } = wish;
    const stands = obstacleHere();
    if (stands) return store.set({ trouble: `cast.${stands}` });
    const mine = ++opening;
    const before = store.state;
    if (!before.stream) store.set({ phase: "asking" });
    store.set({ trouble: null });
    // A phone has one camera open at a time.
    const makesRoom = sleeps && kind === "camera" && before.stream;
    if (makesRoom) close(before.stream);
    try {
      const stream = kind === "screen" ? await screen(microphone) : await devices(camera, microphone, facing);
      if (mine !== opening) return close(stream);
      last = wish;
      use(stream, kind);
    } catch (error) {
      if (mine !== opening) return undefined;
      // A screen that was not chosen is no trouble.
      const quiet = kind === "screen" && error.name === "NotAllowedError";
      store.set({ phase: store.state.stream ? store.state.phase : "off", trouble: quiet ? null : cameraTrouble(error.name) });
      if (makesRoom && wish !== last) await open(last);
    }
    return undefined;
  }

  function devices(camera, microphone, facing = "environment") {
    return navigator.mediaDevices.getUserMedia({
      video: {
        ...(camera ? { deviceId: { exact: camera } } : { facingMode: facing }),
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
      track.onended = () => lost(stream, track, kind);
      track.onmute = track.onunmute = watchOver;
    }
    store.set({ stream, kind, phase: ["off", "asking"].includes(phase) ? "ready" : phase, warning: null });
    watchOver();
    if (wanted && socket) record();
    close(old);
  }

  /** Unplugged, or a call took it: said at once, and tried again by itself a few times. */
  function lost(stream, track, kind) {
    if (store.state.stream !== stream) return;
    watchOver();
    store.set({ warning: kind === "screen" && track.kind === "video" ? "cast.screen_ended" : "cast.device_lost" });
    if (kind === "screen" || reopened >= REOPENS) return;
    reopened += 1;
    clearTimeout(timers.reopen);
    timers.reopen = setTimeout(() => store.state.stream === stream && open({ facing: last.facing }), REOPEN_MS);
  }

  /** What is wrong with this device, in a word: the hub tells the consoles, and the page its host. */
  function watchOver() {
    const { stream, paused, warning } = store.state;
    const what = whatIsWrong({
      hidden: sleeps && document.visibilityState === "hidden",
      tracks: stream ? stream.getTracks().map((track) => ({ kind: track.kind, bad: track.readyState === "ended" || (track.muted && !paused) })) : [],
      low: Boolean(battery && !battery.charging && battery.level < 0.1),
    });
    if (what === told) return;
    const was = told;
    told = what;
    say({ t: "trouble", what });
    if (what) store.set({ warning: WARNINGS[what] });
    // That it was hidden is worth reading when one is back; everything else is over when it is over.
    else if (was !== "hidden" && warning === WARNINGS[was]) store.set({ warning: null });
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
    reopened = 0;
    const { uplink: measured } = store.state;
    uplink = createUplink(Date.now(), measured.state === "done" ? startRate(measured.kbit) : undefined);
    store.set({ trouble: null, warning: null });
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
    const ws = new WebSocket(mediaAddress(sessionId));
    socket = ws;
    ws.onopen = () => ws.send(JSON.stringify({ t: "broadcast", token, session: sessionId, source, take_over: takeOver, phone }));
    ws.onmessage = (event) => socket === ws && hear(JSON.parse(event.data));
    ws.onclose = (event) => socket === ws && closed(event.code);
  }

  function hear(message) {
    if (message.t === "ready") {
      failures = 0;
      ahead_ms = message.now_ms - Date.now();
      record();
      clearInterval(timers.look);
      timers.look = setInterval(look, LOOK_EVERY_MS);
      if (store.state.paused) say({ t: "pause", paused: true });
      if (told) say({ t: "trouble", what: told });
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
    } else if (code === "not_signed_in") {
      end(phone ? "camera.pass_over" : "cast.signed_out");
    } else if (code === "session_not_live") {
      end("cast.first_go_live");
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
      sleepAgain();
      store.set({ phase: "told" });
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

  /** `done`: on purpose; the hub raises no alarm. */
  function dropLine(done = false) {
    stopRecorder();
    clearInterval(timers.look);
    const ws = socket;
    socket = null;
    if (ws && ws.close) {
      ws.onopen = ws.onmessage = ws.onclose = null;
      ws.close(...(done ? [1000] : []));
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
        videoKeyFrameIntervalDuration: keyEveryMs(mime),
      });
    } catch {
      end("cast.browser");
      return;
    }
    recorder = mine;
    mine.ondataavailable = ({ data }) => {
      if (recorder === mine && socket === ws && data.size && ws.readyState === 1) ws.send(data);
    };
    mine.onerror = () => recorder === mine && comeBackFromError();
    mine.start(SLICE_MS);
    say({ t: "begin", mime: mine.mimeType || mime, started_at_ms: Math.round(hubNow()) });
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
    watchOver();
  }

  /** Off the air; the preview stays, so that starting again is one press. */
  function end(trouble = null) {
    wanted = false;
    clearTimeout(timers.back);
    dropLine(true);
    sleepAgain();
    if (store.state.paused) pause(false);
    store.set({ phase: store.state.stream ? "ready" : "off", trouble, behind_ms: null, watching: 0 });
  }

  function stop() {
    end();
    opening += 1;
    clearTimeout(timers.reopen);
    close(store.state.stream);
    store.set(OFF);
  }

  async function measure() {
    if (store.state.uplink.state === "busy" || wanted) return;
    store.set({ uplink: { state: "busy", kbit: 0 } });
    try {
      store.set({ uplink: { state: "done", kbit: await measureUplink({ account, session: sessionId, phone }) } });
    } catch (error) {
      // Measured a moment ago: what was found still stands for nothing, and nothing is wrong.
      store.set({ uplink: error.code === "too_many" ? UNMEASURED : { state: "failed", kbit: 0 } });
    }
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
    watchOver();
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
    measure,
    end: () => end(),
    stop,
    close() {
      document.removeEventListener("visibilitychange", seen);
      stop();
    },
  };
}
