// Going on air and off: rehearse, go live, pause, resume, end, reopen. Which of them, the session's state says.

import { useAttempt } from "../shared/attempt.js";
import { Button, Sheet, html, toast, useNow, useState } from "../shared/components.js";
import { formatCount, formatDuration } from "../shared/format.js";
import { t } from "../shared/i18n.js";
import { LIMITS } from "../shared/protocol.js";
import { Question } from "../shared/question.js";
import { isRehearsal, stateOf } from "./stage.js";

/** What can be taken back never asks; ending asks once, though it can be taken back for a quarter of an hour. */
export function Air({ stage, numbers, link, sessionId, why, onRehearsal }) {
  const { busy, sentence, attempt } = useAttempt(link);
  const [asking, setAsking] = useState(false);
  const { session } = stage;
  const state = stateOf(session);

  function run(command) {
    const done = (reply) => {
      setAsking(false);
      if (reply.t === "rehearsal_is") onRehearsal(reply.session);
    };
    return attempt({ t: command, session: sessionId }, { as: command, done });
  }
  const button = (command, name, more) =>
    html`<${Button} busy=${busy === command} onClick=${() => run(command)} data-test=${name} ...${more}>${t(`host.${WORDS[command]}`)}<//>`;

  return html`<div class="startstop">
    ${isRehearsal(session) && html`<${Rehearsal} ...${{ state, sessionId, onRehearsal }}>${button("end_session", "end-rehearsal", { wide: true })}<//>`}
    ${state === "scheduled" &&
    html`${button("go_live", "go-live", { kind: "main", wide: true })}
      <div class="startstop__pair startstop__pair--one">${button("start_rehearsal", "start-rehearsal", { title: t("host.rehearse_hint") })}</div>`}
    ${["live", "interrupted"].includes(state) &&
    html`<div hidden=${asking}>
        ${state === "interrupted" && html`<p class="startstop__sentence" data-test="paused">${t("host.paused")}</p>`}
        <div class="startstop__pair">
          ${state === "live"
            ? button("pause_session", "pause-session", { title: t("host.pause_hint") })
            : button("resume_session", "resume-session", { kind: "main" })}
          <${Button} kind="stop" onClick=${() => setAsking(true)} data-test="end-session">${t("host.end")}<//>
        </div>
      </div>
      ${asking &&
      html`<${Question} name="end" class="startstop__ask" pair="startstop__pair" text=${t("host.end_ask")} yes=${t("host.end_yes")} no=${t("host.end_no")}
        busy=${busy === "end_session"} onYes=${() => run("end_session")} onNo=${() => setAsking(false)} />`}`}
    ${state === "ended" && !isRehearsal(session) && html`<${Ended} ...${{ session, numbers, link, why }}>${button("reopen_session", "reopen-session", { wide: true })}<//>`}
    ${sentence && html`<p class="startstop__sentence" role="alert" data-test="host-state-refusal">${sentence}</p>`}
  </div>`;
}

const WORDS = {
  go_live: "go_live",
  start_rehearsal: "rehearse",
  pause_session: "pause",
  resume_session: "resume",
  reopen_session: "reopen",
  end_session: "rehearsal_end",
};

function Ended({ session, numbers, link, why, children }) {
  const now = useNow(1000, link.serverNow);
  const left_ms = (session.ended_at_ms || 0) + LIMITS.REOPEN_WITHIN_S * 1000 - now;
  const figures = { cards: formatCount(numbers ? numbers.cards : 0), applications: formatCount(numbers ? numbers.applications : 0) };
  return html`<div data-test="host-ended">
    <p class="strong">${t(session.cut_off ? "host.cut_off" : "host.ended")}</p>
    ${session.cut_off && why && html`<p data-test="cut-off-why">${t("host.cut_off_why", { reason: why })}</p>`}
    ${numbers && html`<p class="quiet small">${t("host.ended_what", figures)}</p>`}
    ${!session.cut_off &&
    (left_ms > 0
      ? html`${children}<p class="quiet small num">${t("host.reopen_for", { clock: formatDuration(left_ms) })}</p>`
      : html`<p class="quiet small" data-test="reopen-over">${t("host.reopen_over")}</p>`)}
  </div>`;
}

/** The link is the key: whoever has it is in, nobody else knows of it. */
function Rehearsal({ state, sessionId, onRehearsal, children }) {
  const link = `${location.origin}/room/${sessionId}`;
  const [qr, setQr] = useState(false);
  async function copy() {
    try {
      await navigator.clipboard.writeText(link);
      toast(t("host.copied"), { tone: "safe" });
    } catch {
      document.querySelector('[data-test="rehearsal-link"]').select();
    }
  }
  if (state === "ended") {
    return html`<div class="startstop__ask">
      <p class="strong">${t("host.rehearsal_over")}</p>
      <${Button} kind="main" wide onClick=${() => onRehearsal(null)} data-test="rehearsal-back">${t("host.rehearsal_back")}<//>
    </div>`;
  }
  return html`<div class="rehearsal stack" data-test="rehearsal">
    <p class="small">${t("host.rehearsal_what")}</p>
    <div class="rehearsal__link">
      <input class="input small" readonly value=${link} aria-label=${t("host.rehearsal_link")} onFocus=${(event) => event.currentTarget.select()} data-test="rehearsal-link" />
      <${Button} small onClick=${copy} data-test="rehearsal-copy">${t("host.copy")}<//>
      <${Button} small onClick=${() => setQr(true)} data-test="rehearsal-qr">${t("host.rehearsal_qr")}<//>
    </div>
    ${qr &&
    html`<${Sheet} title=${t("host.rehearsal_link")} onClose=${() => setQr(false)} data-test="rehearsal-qr-sheet">
      <img class="rehearsal__qr" src=${`/api/qr?to=${encodeURIComponent(`/room/${sessionId}`)}`} alt=${t("host.rehearsal_scan")} />
      <p class="quiet">${t("host.rehearsal_scan")}</p>
    <//>`}
    ${children}
  </div>`;
}
