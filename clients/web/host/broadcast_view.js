// The picture's place on the host's page: choose and look before it starts, then how it stands, in sentences.

import { useAlarm } from "../shared/alarm.js";
import { Button, html, useEffect, useState, useStore } from "../shared/components.js";
import { getJson } from "../shared/api.js";
import { Check, Devices, GOING, Level, Preview, troubleText } from "../shared/cast_parts.js";
import { t } from "../shared/i18n.js";
import { PhoneSheet } from "./phone_camera.js";

const FAR_BEHIND_MS = 4_000;

/** `air`: the session takes a picture now (on air, or a rehearsal). `covered`: something else stands in the preview's
    place. */
export function Broadcast({ cast, air, account, sessionId, covered }) {
  const state = useStore(cast.store.watch, cast.store.state);
  const [able, setAble] = useState(true);
  const [phone, setPhone] = useState(false);
  useEffect(() => {
    getJson("/api/setup").then((setup) => setAble(setup.video !== false), () => undefined);
  }, []);
  // The end of the session ends its picture, and the camera's light goes out.
  useEffect(() => {
    if (!air && GOING.includes(state.phase)) cast.stop();
  }, [air]);

  useAlarm(alarmOf(state));

  return html`<div class="cast" data-test="cast" data-phase=${state.phase}>
    ${state.stream && (covered
      ? html`<${Level} stream=${state.stream} off=${state.paused} />`
      : html`<${Preview} state=${state}><${Level} stream=${state.stream} off=${state.paused} /><//>`)}
    ${!able
      ? html`<p class="cast__say" data-test="cast-missing">${t("cast.no_packager")}</p>`
      : html`<${Before} ...${{ cast, state, air }} onPhone=${() => setPhone(true)} /><${During} ...${{ cast, state }} />`}
    <p class="cast__say cast__say--look" role="alert" data-test="cast-trouble">${troubleText(state)}</p>
    ${phone && html`<${PhoneSheet} ...${{ account, sessionId }} onClose=${() => setPhone(false)} />`}
  </div>`;
}

/** A noise for what goes wrong here while the host looks at the stage. */
function alarmOf({ phase, warning }) {
  if (phase === "told" || phase === "waiting") return phase;
  return GOING.includes(phase) && warning ? warning : "";
}

/** Not on air yet: open, choose, read what is missing, start. */
function Before({ cast, state, air, onPhone }) {
  const { phase } = state;
  if (phase === "off" || phase === "asking") {
    return html`<div class="cast__do cast__do--off">
      <${Button} kind="quiet" busy=${phase === "asking"} title=${t("cast.open")} onClick=${() => cast.open()} data-test="cast-open">${t("cast.by_camera")}<//>
      <${Button} kind="quiet" title=${t("phone.title")} onClick=${onPhone} data-test="cast-phone">${t("cast.by_phone")}<//>
      ${canShare() && html`<${Button} kind="quiet" title=${t("cast.to_screen")} onClick=${() => cast.open({ kind: "screen" })} data-test="cast-screen">${t("cast.by_screen")}<//>`}
    </div>`;
  }
  if (phase === "taken" || phase === "told") {
    return html`<div class="cast__do" role="alertdialog" aria-labelledby="cast-taken">
      <p id="cast-taken" class="strong" data-test="cast-taken">${t(`cast.${phase}`)}</p>
      <div class="startstop__pair">
        <${Button} onClick=${cast.stop}>${t("cast.leave_it")}<//>
        <${Button} kind="main" onClick=${() => cast.start(true)} data-test="cast-take-over">${t("cast.take_over")}<//>
      </div>
    </div>`;
  }
  if (phase !== "ready") return null;
  return html`<div class="cast__do">
    ${!air && html`<p class="cast__say small">${t("cast.first_go_live")}</p>`}
    <div class="cast__pair">
      ${air && html`<${Button} kind="main" onClick=${() => cast.start()} data-test="cast-start">${t("cast.start")}<//>`}
      <${Button} onClick=${cast.stop} data-test="cast-close">${t("cast.close")}<//>
    </div>
    <${Check} ...${{ cast, state }} />
    <${Devices} ...${{ cast, state }} />
  </div>`;
}

const canShare = () => Boolean(navigator.mediaDevices && navigator.mediaDevices.getDisplayMedia);

/** On air: how it stands, cover, another device, stop. */
function During({ cast, state }) {
  const { phase, paused, behind_ms, watching, kbit } = state;
  const [changing, setChanging] = useState(false);
  if (!GOING.includes(phase)) return null;
  const far = behind_ms !== null && behind_ms > FAR_BEHIND_MS;
  const words = phase === "on" ? (paused ? "cast.state_paused" : far ? "cast.state_far" : "cast.state_on") : `cast.state_${phase}`;
  return html`<div class="cast__do">
    <p class="cast__say" role="status" data-test="cast-state" data-phase=${phase}>
      ${t(words)}
      ${phase === "on" && behind_ms !== null && html` <span class="quiet small num" data-test="cast-numbers" data-behind=${behind_ms} data-kbit=${kbit}>${t("cast.numbers", { s: ((behind_ms + 1500) / 1000).toFixed(1), watching })}</span>`}
    </p>
    <div class="cast__pair">
      <${Button} onClick=${() => cast.pause(!paused)} data-test="cast-pause">${t(paused ? "cast.resume" : "cast.pause")}<//>
      <${Button} aria-expanded=${String(changing)} onClick=${() => setChanging(!changing)} data-test="cast-change">${t("cast.change")}<//>
      <${Button} onClick=${cast.end} data-test="cast-stop">${t("cast.stop")}<//>
    </div>
    ${changing && html`<${Change} ...${{ cast, state }} />`}
  </div>`;
}

/** Another camera, microphone or the screen, while viewers watch: they see it a second or two later. */
function Change({ cast, state }) {
  return html`<div class="cast__do" data-test="cast-changing">
    <${Devices} ...${{ cast, state }} />
    ${state.kind === "screen"
      ? html`<${Button} small onClick=${() => cast.open()} data-test="cast-to-camera">${t("cast.to_camera")}<//>`
      : canShare() && html`<${Button} small onClick=${() => cast.open({ kind: "screen" })} data-test="cast-to-screen">${t("cast.to_screen")}<//>`}
  </div>`;
}
