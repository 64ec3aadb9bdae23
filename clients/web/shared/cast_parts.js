// Parts of a page that sends a picture, for a console and for a phone: the own picture, how loud it is, what was checked,
// which devices there are.

import { Button, Field, html, useEffect, useRef, useState } from "./components.js";
import { refusalText, t } from "./i18n.js";
import { uplinkAdvice } from "./uplink.js";

export const GOING = ["connecting", "on", "waiting"];
const LEVEL_EVERY_MS = 120;
const QUIET_BELOW = 0.01;
const QUIET_AFTER_MS = 5_000;
const LOW = 0.3;

/** The sentence for what went wrong, "" for nothing. */
export function troubleText({ trouble: what, warning }) {
  if (what && what.code) return refusalText(what);
  return what || warning ? t(what || warning) : "";
}

/** The own picture as the camera gives it: without delay, and silent, so that it does not whistle. `mirrored`: as people
    know themselves; viewers get it the right way round. */
export function Preview({ state, mirrored = false, children }) {
  const video = useRef(null);
  useEffect(() => {
    video.current.srcObject = state.stream;
    video.current.play().catch(() => undefined);
  }, [state.stream]);
  return html`<div class="cast__preview">
    <video ref=${video} class=${mirrored ? "cast__mirrored" : ""} muted autoplay playsinline data-test="cast-preview"></video>
    ${state.paused && html`<p class="cast__slate">${t("cast.paused_here")}</p>`}
    ${children}
  </div>`;
}

/** How loud the microphone is, and a sentence when nothing is heard. */
export function Level({ stream, off }) {
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

/** Camera and microphone where there is a choice; also while the picture is on the air. */
export function Devices({ cast, state }) {
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

/** Before it starts, in plain sentences: what is good and what is not. The way to the hub is measured once by itself. */
export function Check({ cast, state }) {
  const [battery, setBattery] = useState(null);
  const { stream, uplink } = state;
  useEffect(() => {
    if (navigator.getBattery) navigator.getBattery().then(setBattery, () => undefined);
    if (uplink.state === "") cast.measure();
  }, []);
  const [video] = stream.getVideoTracks();
  const { width, height } = (video && video.getSettings()) || {};
  const lines = width && height ? Math.min(width, height) : "?";
  const low = battery && !battery.charging && battery.level < LOW;
  return html`<ul class="cast__check small" data-test="cast-check">
    <li>${t(video && video.readyState === "live" ? "cast.check_camera" : "cast.camera_failed", { height: lines })}</li>
    <li>${t(stream.getAudioTracks().length ? "cast.check_microphone" : "cast.no_microphone")}</li>
    <li data-test="cast-uplink" data-state=${uplink.state} data-kbit=${uplink.kbit}>
      ${uplinkText(uplink)}
      ${uplink.state !== "busy" && html` <${Button} kind="plain" small onClick=${cast.measure} data-test="cast-measure">${t("cast.measure")}<//>`}
    </li>
    ${battery && html`<li>${t(low ? "cast.check_battery_low" : "cast.check_battery", { n: Math.round(battery.level * 100) })}</li>`}
  </ul>`;
}

function uplinkText({ state, kbit }) {
  if (state === "done") return t(`cast.uplink_${uplinkAdvice(kbit)}`, { n: (kbit / 1000).toFixed(1) });
  return t(state === "busy" ? "cast.uplink_busy" : state === "failed" ? "cast.uplink_failed" : "cast.uplink_unknown");
}
