// The picture's place on the host's page: choose and look before it starts, then how it stands, in sentences.

import { Button, Field, html, useEffect, useRef, useState, useStore } from "../shared/components.js";
import { getJson } from "../shared/api.js";
import { refusalText, t } from "../shared/i18n.js";

const GOING = ["connecting", "on", "waiting"];
const LEVEL_EVERY_MS = 120;
const QUIET_BELOW = 0.01;
const QUIET_AFTER_MS = 5_000;
const FAR_BEHIND_MS = 4_000;

/** `air`: the session takes a picture now (on air, or a rehearsal). */
export function Broadcast({ cast, air }) {
  const state = useStore(cast.store.watch, cast.store.state);
  const [able, setAble] = useState(true);
  useEffect(() => {
    getJson("/api/setup").then((setup) => setAble(setup.video !== false), () => undefined);
  }, []);
  // The end of the session ends its picture, and the camera's light goes out.
  useEffect(() => {
    if (!air && GOING.includes(state.phase)) cast.stop();
  }, [air]);

  return html`<div class="cast" data-test="cast" data-phase=${state.phase}>
    ${state.stream && html`<${Preview} state=${state} />`}
    ${!able
      ? html`<p class="cast__say" data-test="cast-missing">${t("cast.no_packager")}</p>`
      : html`<${Before} ...${{ cast, state, air }} /><${During} ...${{ cast, state }} />`}
    <p class="cast__say cast__say--look" role="alert" data-test="cast-trouble">${trouble(state)}</p>
  </div>`;
}

function trouble({ trouble: what, warning }) {
  if (what && what.code) return refusalText(what);
  return what || warning ? t(what || warning) : "";
}

/** The host's own picture as the camera gives it: without delay, and silent, so that it does not whistle. */
function Preview({ state }) {
  const video = useRef(null);
  useEffect(() => {
    video.current.srcObject = state.stream;
    video.current.play().catch(() => undefined);
  }, [state.stream]);
  return html`<div class="cast__preview">
    <video ref=${video} muted autoplay playsinline data-test="cast-preview"></video>
    ${state.paused && html`<p class="cast__slate">${t("cast.paused_here")}</p>`}
    <${Level} stream=${state.stream} off=${state.paused} />
  </div>`;
}

/** How loud the microphone is, and a sentence when nothing is heard. */
function Level({ stream, off }) {
  const bar = useRef(null);
  const [quiet, setQuiet] = useState(false);
  const spoken = stream.getAudioTracks().length > 0;
  useEffect(() => {
    if (!spoken || !globalThis.AudioContext) return undefined;
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    context.createMediaStreamSource(stream).connect(analyser);
    const data = new Uint8Array(analyser.fftSize);
    let heardAt = Date.now();
    const timer = setInterval(() => {
      analyser.getByteTimeDomainData(data);
      let peak = 0;
      for (const value of data) peak = Math.max(peak, Math.abs(value - 128) / 128);
      if (peak > QUIET_BELOW) heardAt = Date.now();
      setQuiet(Date.now() - heardAt > QUIET_AFTER_MS && context.state === "running");
      if (bar.current) bar.current.value = Math.min(1, peak * 1.6);
    }, LEVEL_EVERY_MS);
    return () => {
      clearInterval(timer);
      context.close().catch(() => undefined);
    };
  }, [stream]);
  return html`<p class="cast__level small">
    <meter ref=${bar} min="0" max="1" aria-label=${t("cast.level")} data-test="cast-level"></meter>
    ${!off && html`<span data-test="cast-sound">${t(!spoken ? "cast.no_microphone" : quiet ? "cast.quiet" : "cast.level")}</span>`}
  </p>`;
}

/** Not on air yet: open, choose, read what is missing, start. */
function Before({ cast, state, air }) {
  const { phase } = state;
  if (phase === "off" || phase === "asking") {
    return html`<div class="cast__do cast__do--off">
      <${Button} kind="quiet" busy=${phase === "asking"} onClick=${() => cast.open()} data-test="cast-open">${t("cast.open")}<//>
      ${canShare() && html`<${Button} kind="plain" small onClick=${() => cast.open({ kind: "screen" })} data-test="cast-screen">${t("cast.screen")}<//>`}
    </div>`;
  }
  if (phase === "taken") {
    return html`<div class="cast__do" role="alertdialog" aria-labelledby="cast-taken">
      <p id="cast-taken" class="strong" data-test="cast-taken">${t("cast.taken")}</p>
      <div class="startstop__pair">
        <${Button} onClick=${cast.stop}>${t("cast.leave_it")}<//>
        <${Button} kind="main" onClick=${() => cast.start(true)} data-test="cast-take-over">${t("cast.take_over")}<//>
      </div>
    </div>`;
  }
  if (phase !== "ready") return null;
  return html`<div class="cast__do">
    <${Devices} ...${{ cast, state }} />
    <${Check} stream=${state.stream} />
    ${air
      ? html`<${Button} kind="main" wide onClick=${() => cast.start()} data-test="cast-start">${t("cast.start")}<//>`
      : html`<p class="cast__say small">${t("cast.first_go_live")}</p>`}
    <${Button} kind="plain" small onClick=${cast.stop} data-test="cast-close">${t("cast.close")}<//>
  </div>`;
}

const canShare = () => Boolean(navigator.mediaDevices && navigator.mediaDevices.getDisplayMedia);

function Devices({ cast, state }) {
  const [found, setFound] = useState([]);
  useEffect(() => {
    const read = () => navigator.mediaDevices.enumerateDevices().then(setFound, () => undefined);
    read();
    navigator.mediaDevices.addEventListener("devicechange", read);
    return () => navigator.mediaDevices.removeEventListener("devicechange", read);
  }, [state.stream]);
  const used = (kind) => {
    const [track] = state.stream.getTracks().filter((one) => one.kind === kind);
    return (track && track.getSettings().deviceId) || "";
  };
  const pick = (kind, label, choose) => {
    const of = found.filter((one) => one.kind === `${kind}input` && one.deviceId);
    if (of.length < 2) return null;
    return html`<${Field} as="select" label=${label} value=${used(kind)} onInput=${choose} data-test="cast-${kind}">
      ${of.map((one, at) => html`<option key=${one.deviceId} value=${one.deviceId}>${one.label || `${label} ${at + 1}`}</option>`)}
    <//>`;
  };
  if (state.kind === "screen") return null;
  return html`${pick("video", t("cast.camera"), (camera) => cast.open({ camera, microphone: used("audio") }))}
  ${pick("audio", t("cast.microphone"), (microphone) => cast.open({ camera: used("video"), microphone }))}`;
}

/** Before it starts, in plain sentences: what is good and what is not. */
function Check({ stream }) {
  const [battery, setBattery] = useState(null);
  useEffect(() => {
    if (navigator.getBattery) navigator.getBattery().then(setBattery, () => undefined);
  }, []);
  const [video] = stream.getVideoTracks();
  const { height } = (video && video.getSettings()) || {};
  const low = battery && !battery.charging && battery.level < 0.3;
  return html`<ul class="cast__check small" data-test="cast-check">
    <li>${t(video && video.readyState === "live" ? "cast.check_camera" : "cast.camera_failed", { height: height || "?" })}</li>
    <li>${t(stream.getAudioTracks().length ? "cast.check_microphone" : "cast.no_microphone")}</li>
    ${battery && html`<li>${t(low ? "cast.check_battery_low" : "cast.check_battery", { n: Math.round(battery.level * 100) })}</li>`}
  </ul>`;
}

/** On air: how it stands, pause, stop. */
function During({ cast, state }) {
  const { phase, paused, behind_ms, watching, kbit } = state;
  if (!GOING.includes(phase)) return null;
  const far = behind_ms !== null && behind_ms > FAR_BEHIND_MS;
  const words = phase === "on" ? (paused ? "cast.state_paused" : far ? "cast.state_far" : "cast.state_on") : `cast.state_${phase}`;
  return html`<div class="cast__do">
    <p class="cast__say" role="status" data-test="cast-state" data-phase=${phase}>
      ${t(words)}
      ${phase === "on" && behind_ms !== null && html` <span class="quiet small num" data-test="cast-numbers" data-behind=${behind_ms} data-kbit=${kbit}>${t("cast.numbers", { s: ((behind_ms + 1500) / 1000).toFixed(1), watching })}</span>`}
    </p>
    <div class="startstop__pair">
      <${Button} onClick=${() => cast.pause(!paused)} data-test="cast-pause">${t(paused ? "cast.resume" : "cast.pause")}<//>
      <${Button} onClick=${cast.end} data-test="cast-stop">${t("cast.stop")}<//>
    </div>
  </div>`;
}
