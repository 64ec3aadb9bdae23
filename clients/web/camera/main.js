// `/camera#TICKET`: the phone that scanned a console's QR code is the camera of that session, and nothing else. What is in
// the code is good once; the pass given for it stays on this phone, so that a page that was closed goes on.

import { useAlarm } from "../shared/alarm.js";
import { getJson, postJson } from "../shared/api.js";
import { createBroadcast, newSource, obstacleHere } from "../shared/broadcast.js";
import { Check, GOING, Level, Preview, troubleText } from "../shared/cast_parts.js";
import { Button, ListState, LocaleSwitch, Toasts, html, startPage, useEffect, useLocale, useMemo, useNow, useRef, useState, useStore } from "../shared/components.js";
import { formatDuration } from "../shared/format.js";
import { refusalText, t } from "../shared/i18n.js";
import { keep } from "../shared/keep.js";
import { talking } from "../shared/session.js";

const PASS = "camera.pass";
const LOOK_EVERY_MS = 5_000;

const ticketOf = () => decodeURIComponent(location.hash.slice(1));

/** The pass kept from before, or a new one for the ticket in the address. */
async function passOf(ticket) {
  if (ticket) {
    try {
      // Its name stays the same: a phone that comes back replaces itself and asks nobody.
      const pass = { ...(await postJson("/api/camera", { ticket })), source: newSource() };
      keep.set(PASS, pass);
      history.replaceState(null, "", location.pathname);
      return pass;
    } catch (error) {
      // The page was loaded anew with a code that is used up: by this phone, if it has a pass.
      if (error.code !== "not_found" || !keep.get(PASS)) throw error;
      history.replaceState(null, "", location.pathname);
    }
  }
  const kept = keep.get(PASS);
  if (!kept || kept.until_ms <= Date.now()) return null;
  return kept;
}

/** An app's own browser may not be able to: then the code is not used up, and the address opens in another one. */
function Unable({ stands }) {
  return html`<main class="door">
    <section class="door__box card stack" data-test="camera-unable">
      <header class="line line--apart"><h1 class="door__title">${t("camera.title")}</h1><${LocaleSwitch} /></header>
      <p>${t(stands === "insecure" ? "cast.insecure" : "camera.browser")}</p>
    </section>
  </main>`;
}

function Page() {
  useLocale();
  const [stands] = useState(obstacleHere);
  useEffect(() => {
    document.title = t("camera.title");
  });
  return stands ? html`<${Unable} stands=${stands} />` : html`<${Able} />`;
}

function Able() {
  const [ticket, setTicket] = useState(ticketOf);
  const [found, setFound] = useState({ state: "loading", pass: null, error: null });
  const load = () => {
    setFound({ state: "loading", pass: null, error: null });
    passOf(ticket).then(
      (pass) => setFound({ state: "ready", pass, error: null }),
      (error) => setFound({ state: "error", pass: null, error }),
    );
  };
  useEffect(() => {
    const follow = () => ticketOf() && setTicket(ticketOf());
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  useEffect(load, [ticket]);
  const forget = () => {
    keep.drop(PASS);
    setFound({ state: "ready", pass: null, error: null });
  };
  if (found.pass) return html`<${Camera} key=${found.pass.token} pass=${found.pass} onGone=${forget} /><${Toasts} />`;
  const used = found.error && found.error.code === "not_found";
  return html`<main class="door">
    <section class="door__box card stack" data-test="camera-door">
      <header class="line line--apart"><h1 class="door__title">${t("camera.title")}</h1><${LocaleSwitch} /></header>
      ${used || (found.state === "ready" && !found.pass)
        ? html`<p data-test="camera-scan">${t(used ? "camera.used" : "camera.scan")}</p>`
        : html`<${ListState} state=${found.state} error=${found.error} onRetry=${load} />`}
    </section>
  </main>`;
}

/** Whether the session takes a picture now; asked for while nothing is sent. */
function useAir(session, asks) {
  const [state, setState] = useState("");
  useEffect(() => {
    if (!asks) return undefined;
    const look = () => getJson(`/api/sessions/${encodeURIComponent(session)}`).then((answer) => setState(answer.session.state || "scheduled"), () => undefined);
    look();
    const timer = setInterval(look, LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [session, asks]);
  return state;
}

/** A rehearsal that is over goes on as its session: nobody scans again. */
function Camera({ pass, onGone }) {
  const [session, setSession] = useState(pass.session);
  return html`<${Sending} key=${session} ...${{ pass, session, onGone }} onOver=${() => setSession(pass.after || session)} />`;
}

function Sending({ pass, session, onGone, onOver }) {
  const cast = useMemo(() => {
    const account = { ready: async () => pass.token, renew: async () => pass.token };
    return createBroadcast({ account, sessionId: session, phone: true, source: pass.source });
  }, []);
  const state = useStore(cast.store.watch, cast.store.state);
  const [facing, setFacing] = useState("environment");
  useEffect(() => cast.close, []);
  const going = GOING.includes(state.phase);
  const air = useAir(session, !going);
  useEffect(() => {
    if (air === "ended" && session !== pass.after) onOver();
  }, [air]);
  const front = facing === "user";
  useAlarm(state.phase === "told" || (going && state.warning) ? state.warning || state.phase : "");
  const turn = () => {
    const next = front ? "environment" : "user";
    setFacing(next);
    cast.open({ facing: next });
  };
  return html`<main class="camera theme-dark" data-test="camera" data-phase=${state.phase}>
    <header class="camera__head">
      <h1 class="camera__title">${pass.title}</h1>
      ${going ? html`<${Clock} state=${state} />` : html`<${LocaleSwitch} />`}
    </header>
    <div class="camera__picture">
      ${state.stream
        ? html`<${Preview} state=${state} mirrored=${front} />`
        : html`<p class="camera__empty">${t("camera.what")}</p>`}
    </div>
    <section class="camera__foot">
      ${state.stream && html`<${Level} stream=${state.stream} off=${state.paused} />`}
      <p class="camera__say" role="status" data-test="camera-state">${stateText(state, air)}</p>
      <p class="camera__say camera__say--look" role="alert" data-test="cast-trouble">${troubleText(state)}</p>
      <${Actions} ...${{ cast, state, air, turn, onGone }} />
    </section>
  </main>`;
}

function stateText({ phase, paused, behind_ms, watching }, air) {
  if (phase === "on" && paused) return t("cast.state_paused");
  if (phase === "on") return `${t("cast.state_on")}${behind_ms === null ? "" : ` · ${t("camera.watching", { n: watching })}`}`;
  if (GOING.includes(phase)) return t(`cast.state_${phase}`);
  if (phase === "taken" || phase === "told") return t(`cast.${phase}`);
  if (phase === "ready" && air && !takes(air)) return t("camera.wait_air");
  return "";
}

const takes = (state) => talking({ state });

function Clock({ state }) {
  const now = useNow(1000);
  const [since] = useState(() => Date.now());
  return html`<p class="camera__clock num" data-on=${String(state.phase === "on" && !state.paused)}>${formatDuration(now - since)}</p>`;
}

function Actions({ cast, state, air, turn, onGone }) {
  const { phase, paused } = state;
  const [asking, setAsking] = useState(false);
  const stay = useRef(null);
  useEffect(() => setAsking(false), [phase]);
  useEffect(() => {
    if (asking) stay.current.querySelector("button").focus();
  }, [asking]);
  if (phase === "off" || phase === "asking") {
    return html`<${Button} kind="main" wide class="camera__big" busy=${phase === "asking"} onClick=${() => cast.open()} data-test="cast-open">${t("cast.open")}<//>`;
  }
  if (phase === "taken" || phase === "told") {
    return html`<div class="camera__pair">
      <${Button} wide onClick=${cast.stop}>${t("cast.leave_it")}<//>
      <${Button} kind="main" wide onClick=${() => cast.start(true)} data-test="cast-take-over">${t("cast.take_over")}<//>
    </div>`;
  }
  if (phase === "ready") {
    return html`<${Check} ...${{ cast, state }} />
      <${Button} kind="main" wide class="camera__big" disabled=${!takes(air)} onClick=${() => cast.start()} data-test="cast-start">${t("camera.start")}<//>
      <div class="camera__pair">
        <${Button} wide onClick=${turn} data-test="camera-turn">${t("camera.turn")}<//>
        <${Button} wide onClick=${cast.stop} data-test="cast-close">${t("cast.close")}<//>
      </div>
      ${state.trouble === "camera.pass_over" && html`<${Button} kind="plain" onClick=${onGone}>${t("camera.again")}<//>`}`;
  }
  if (asking) {
    return html`<div role="alertdialog" aria-labelledby="stop-ask" ref=${stay}>
      <p id="stop-ask" class="strong">${t("camera.stop_ask")}</p>
      <div class="camera__pair">
        <${Button} wide onClick=${() => setAsking(false)}>${t("camera.stop_no")}<//>
        <${Button} wide kind="stop" onClick=${cast.end} data-test="cast-stop-yes">${t("cast.stop")}<//>
      </div>
    </div>`;
  }
  return html`<${Button} wide kind="stop" class="camera__big" onClick=${() => setAsking(true)} data-test="cast-stop">${t("cast.stop")}<//>
    <div class="camera__pair">
      <${Button} wide onClick=${turn} data-test="camera-turn">${t("camera.turn")}<//>
      <${Button} wide aria-pressed=${String(paused)} onClick=${() => cast.pause(!paused)} data-test="cast-pause">${t(paused ? "cast.resume" : "cast.pause")}<//>
    </div>`;
}

startPage(document.getElementById("page"), Page, { parts: ["staff"] });
