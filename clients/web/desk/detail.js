// One applicant: look (it is put on record), call, answer. On a phone this is the whole screen, the call first.

import { Button, Chip, Field, Sheet, html, useEffect, useNow, useRef, useState } from "../shared/components.js";
import { formatWhen, statusText, statusTone } from "../shared/format.js";
import { refusalText, t } from "../shared/i18n.js";
import { LIMITS } from "../shared/protocol.js";
import { Wait } from "./list.js";
import { stepsFrom } from "./steps.js";

const REASONS = ["desk.reason_4", "desk.reason_1", "desk.reason_2", "desk.reason_3"];

export function Detail({ row, opened, inbox, link, onBack }) {
  const now = useNow(15_000, link.serverNow);
  const head = useRef(null);
  useEffect(() => {
    if (row && head.current) head.current.focus({ preventScroll: true });
  }, []);
  if (!row) return html`<section class="detail detail--none"><p class="state">${t("desk.pick")}</p></section>`;
  const clear = opened && opened.id === row.id ? opened : null;
  const who = clear || row;
  return html`<section class="detail" aria-labelledby="detail-name">
    <header class="detail__head">
      <${Button} kind="plain" class="detail__back" onClick=${onBack} data-test="back">‹ ${t("do.back")}<//>
      <h2 class="detail__name" id="detail-name" tabindex="-1" ref=${head} data-test="applicant-name">${who.name}</h2>
      <${Chip} tone=${statusTone(row.status)} data-test="detail-status" data-status=${row.status}>${statusText(row.status)}<//>
    </header>
    <div class="detail__body stack">
      <div>
        <p class="detail__position">${row.position_title}</p>
        <p class="quiet small">
          ${t("desk.applied_at", { when: formatWhen(row.applied_at_ms, now) })} · ${t("desk.receipt", { receipt: row.receipt })}
          ${row.for_whom && html` · ${t("desk.for_whom", { name: row.for_whom })}`}
        </p>
        <p><${Wait} row=${row} now=${now} /></p>
      </div>
      ${clear ? html`<${Call} who=${clear} />` : html`<${Reveal} row=${row} inbox=${inbox} />`}
      <${Answers} row=${row} inbox=${inbox} />
      ${clear && html`<${History} steps=${clear.steps} now=${now} />`}
    </div>
  </section>`;
}

function Reveal({ row, inbox }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(null);
  async function open() {
    setBusy(true);
    setError(null);
    try {
      await inbox.open(row.id);
    } catch (refused) {
      setError(refused);
      setBusy(false);
    }
  }
  return html`<div class="call">
    <${Button} kind="main" wide busy=${busy} onClick=${open} data-test="open-applicant">${t("desk.reveal")} · <span class="num">${row.phone}</span><//>
    <p class="quiet small">${t("desk.audit")}</p>
    ${error && html`<p class="detail__error" role="alert" data-test="open-refusal">${refusalText(error)}</p>`}
  </div>`;
}

function Call({ who }) {
  return html`<div class="call">
    <p class="call__phone num" data-test="applicant-phone">${who.phone}</p>
    <${Button} kind="main" wide href="tel:${who.phone}" data-test="call">${t("desk.call", { phone: who.phone })}<//>
    <p class="quiet small">${t("desk.audit_done")}</p>
  </div>`;
}

function Answers({ row, inbox }) {
  const [busy, setBusy] = useState(null);
  const [error, setError] = useState(null);
  const [sheet, setSheet] = useState(null);
  const [given, setGiven] = useState(null);
  const steps = stepsFrom(row.status);

  async function give(status, note = "") {
    setBusy(status);
    setError(null);
    setGiven(null);
    try {
      await inbox.answer(row.id, status, note);
      setSheet(null);
      setGiven(status);
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(null);
    }
  }
  const press = (status) => (status === "unsuitable" || status === "interview" ? setSheet(status) : give(status));
  const notice = html`<p class="answers__given" role="status" data-test="answered">${given ? t("desk.answered", { status: statusText(given) }) : ""}</p>`;
  if (!steps.length) {
    const why = row.status === "withdrawn" ? "desk.withdrawn" : "desk.answer_none";
    return html`<div class="answers">${notice}<p class="quiet" data-test="no-steps">${t(why)}</p></div>`;
  }
  return html`<div class="answers">
    <h3 class="answers__title">${t("desk.answer")}</h3>
    <div class="answers__grid">
      ${steps.map(
        (status) => html`<${Button} key=${status} busy=${busy === status && !sheet} disabled=${Boolean(busy)} onClick=${() => press(status)} data-test="answer-${status}"
          >${t(`desk.answer_${status}`)}<//
        >`,
      )}
    </div>
    ${notice}
    ${error && !sheet && html`<p class="detail__error" role="alert" data-test="answer-refusal">${refusalText(error)}</p>`}
    ${sheet === "unsuitable" && html`<${Reasons} busy=${busy} error=${error} onClose=${() => setSheet(null)} onSend=${(note) => give("unsuitable", note)} />`}
    ${sheet === "interview" && html`<${Interview} busy=${busy} error=${error} onClose=${() => setSheet(null)} onSend=${(note) => give("interview", note)} />`}
  </div>`;
}

function SendButton({ busy, onClick, form, disabled, name }) {
  return html`<${Button} kind="main" wide busy=${Boolean(busy)} type=${form ? "submit" : "button"} form=${form} disabled=${disabled} onClick=${onClick} data-test=${name}
    >${t("desk.reason_send")}<//
  >`;
}

function Reasons({ busy, error, onClose, onSend }) {
  const [chosen, setChosen] = useState(REASONS[0]);
  const footer = html`<${SendButton} busy=${busy} onClick=${() => onSend(t(chosen))} name="reason-send" />`;
  return html`<${Sheet} title=${t("desk.reason_title")} onClose=${onClose} footer=${footer} data-test="reason-sheet">
    <p class="quiet">${t("desk.reason_what")}</p>
    <div role="radiogroup" aria-label=${t("desk.reason_title")} class="rows">
      ${REASONS.map(
        (key) => html`<label key=${key} class="choice reason">
          <input type="radio" name="reason" checked=${chosen === key} onChange=${() => setChosen(key)} data-test="reason" />
          <span>${t(key)}</span>
        </label>`,
      )}
    </div>
    ${error && html`<p class="detail__error" role="alert">${refusalText(error)}</p>`}
  <//>`;
}

function Interview({ busy, error, onClose, onSend }) {
  const [note, setNote] = useState("");
  const send = (event) => {
    event.preventDefault();
    if (!busy) onSend(note.trim());
  };
  const footer = html`<${SendButton} busy=${busy} form="interview" name="interview-send" />`;
  return html`<${Sheet} title=${t("desk.interview_title")} onClose=${onClose} footer=${footer} first="textarea" data-test="interview-sheet">
    <form id="interview" onSubmit=${send}>
      <${Field}
        as="textarea"
        rows="3"
        label=${t("desk.interview_label")}
        hint=${t("desk.interview_what")}
        placeholder=${t("desk.interview_example")}
        value=${note}
        onInput=${setNote}
        maxlength=${LIMITS.TEXT_LIMIT}
        data-test="interview-note"
      />
      <p class="quiet small num">${t("desk.note_left", { n: LIMITS.TEXT_LIMIT - note.length })}</p>
    </form>
    ${error && html`<p class="detail__error" role="alert">${refusalText(error)}</p>`}
  <//>`;
}

function History({ steps, now }) {
  const newest = [...(steps || [])].reverse();
  return html`<div class="history" data-test="history">
    <h3 class="answers__title">${t("desk.history")}</h3>
    ${!newest.length && html`<p class="quiet">${t("desk.history_none")}</p>`}
    <ol>
      ${newest.map(
        (step) => html`<li key="${step.at_ms} ${step.status}" class="history__step" data-test="history-step" data-status=${step.status}>
          <p class="line line--apart">
            <span class="strong">${statusText(step.status)}</span>
            <span class="quiet small num">${formatWhen(step.at_ms, Math.max(now, step.at_ms))}</span>
          </p>
          ${step.note && html`<p class="history__note">${step.note}</p>`}
        </li>`,
      )}
    </ol>
  </div>`;
}
