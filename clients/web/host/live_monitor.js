// What viewers get, on the host's page: who sends, the picture as it went out, how far behind it is, what was left out.

import { useAlarm } from "../shared/alarm.js";
import { Button, html, useEffect, useRef, useState } from "../shared/components.js";
import { t } from "../shared/i18n.js";
import { openLive } from "../shared/mse.js";

const LOOK_EVERY_MS = 1_000;

/** `own`: this page's camera is in sight, and what viewers get takes its place on wish (`swapped`); `source`: this page's
    name. */
export function LiveMonitor({ account, sessionId, link, own, swapped, onSwap, source, mayStop }) {
  const video = useRef(null);
  const held = useRef(null);
  const [about, setAbout] = useState(null);
  const [state, setState] = useState("connecting");
  const [figures, setFigures] = useState({ latency_ms: null, lost: 0 });
  const elsewhere = Boolean(about && about.source && about.source_name !== source);
  const shows = own ? swapped : Boolean(about && about.picture);

  useEffect(() => {
    const live = openLive({
      account,
      session: sessionId,
      video: shows ? video.current : null,
      tell: setState,
      standing: setAbout,
      now: link.serverNow,
    });
    held.current = live;
    const timer = setInterval(() => setFigures({ latency_ms: live.latency_ms(), lost: live.dropped_frames() }), LOOK_EVERY_MS);
    return () => {
      clearInterval(timer);
      live.close();
    };
  }, [shows]);

  const alarm = about && (elsewhere || !about.source) ? alarmOf(about) : "";
  useAlarm(alarm);

  if (!about) return null;
  return html`<div class="live" data-test="live" data-source=${about.source} data-state=${state}>
    ${shows &&
    html`<div class="live__picture theme-dark">
      <video ref=${video} muted autoplay playsinline data-test="live-video"></video>
      ${state !== "playing" && html`<p class="cast__slate" data-test="live-words">${t(words(about, state))}</p>`}
    </div>`}
    ${alarm && html`<p class="live__alarm strong" role="alert" data-test="live-alarm">${t(alarm)}</p>`}
    <div class="live__line small">
      <p role="status">
        <span data-test="live-who">${t(who(about, elsewhere))}</span>
        ${shows && state === "playing" && html` <${Figures} ...${{ figures, about }} />`}
      </p>
      ${own && about.picture && html`<${Button} kind="plain" small onClick=${() => onSwap(!swapped)} data-test="live-toggle">${t(swapped ? "live.hide" : "live.show")}<//>`}
      ${elsewhere && mayStop && html`<${Stop} onStop=${() => held.current.stopSource()} />`}
    </div>
  </div>`;
}

/** What must not be missed: something is wrong at the device that sends, or it sends nothing any more. */
function alarmOf({ trouble, source, picture }) {
  if (trouble) return `live.trouble_${trouble}`;
  return source && picture === "gone" ? "live.trouble_gone" : "";
}

function who({ source, picture }, elsewhere) {
  if (source) return elsewhere ? `live.from_${source}` : "live.from_here";
  return picture ? "live.from_none" : "live.none_yet";
}

function words({ picture }, state) {
  if (state === "none") return "live.browser";
  if (state === "away") return "live.away";
  if (picture === "paused") return "live.paused";
  return picture === "gone" ? "live.gone" : "live.coming";
}

function Figures({ figures: { latency_ms, lost }, about }) {
  const s = latency_ms === null ? "–" : (latency_ms / 1000).toFixed(1);
  return html`<span class="quiet num" data-test="live-figures" data-latency=${latency_ms === null ? "" : latency_ms} data-lost=${lost + about.dropped}
    >${t("live.figures", { s, n: lost + about.dropped })}</span
  >`;
}

/** Another device's picture: ending it asks once. */
function Stop({ onStop }) {
  const [asking, setAsking] = useState(false);
  if (!asking) return html`<${Button} kind="plain" small onClick=${() => setAsking(true)} data-test="live-stop">${t("live.stop")}<//>`;
  const sure = () => {
    onStop();
    setAsking(false);
  };
  return html`<div role="alertdialog" aria-labelledby="live-stop-ask">
    <p id="live-stop-ask" class="strong small">${t("live.stop_ask")}</p>
    <div class="startstop__pair">
      <${Button} small onClick=${() => setAsking(false)}>${t("live.stop_no")}<//>
      <${Button} small kind="stop" onClick=${sure} data-test="live-stop-yes">${t("live.stop_yes")}<//>
    </div>
  </div>`;
}
