// What two answers ask for: why somebody does not fit (from a list, in kind words), when and where an interview is.

import { Button, Field, Sheet, html, useState } from "../shared/components.js";
import { refusalText, t } from "../shared/i18n.js";
import { LIMITS } from "../shared/protocol.js";
import { beijingMs } from "./interview_time.js";

const REASONS = ["no_match", "skill", "hours", "distance"];

function SendButton({ busy, onClick, form, name }) {
  return html`<${Button} kind="main" wide busy=${Boolean(busy)} type=${form ? "submit" : "button"} form=${form} onClick=${onClick} data-test=${name}
    >${t("desk.reason_send")}<//
  >`;
}

/** `to`: one answer to so many. */
function To({ to }) {
  return to ? html`<p class="strong" data-test="answer-to">${t("desk.bulk_to", { n: to, count: to })}</p>` : null;
}

export function Reasons({ to, busy, error, onClose, onSend }) {
  const [chosen, setChosen] = useState(REASONS[0]);
  const footer = html`<${SendButton} busy=${busy} onClick=${() => onSend(chosen)} name="reason-send" />`;
  return html`<${Sheet} title=${t("desk.reason_title")} onClose=${onClose} footer=${footer} data-test="reason-sheet">
    <${To} to=${to} />
    <p class="quiet">${t("desk.reason_what")}</p>
    <div role="radiogroup" aria-label=${t("desk.reason_title")} class="rows">
      ${REASONS.map(
        (name) => html`<label key=${name} class="choice reason">
          <input type="radio" name="reason" checked=${chosen === name} onChange=${() => setChosen(name)} data-test="reason" />
          <span>${t(`step.reason_${name}`)}</span>
        </label>`,
      )}
    </div>
    ${error && html`<p class="detail__error" role="alert">${refusalText(error)}</p>`}
  <//>`;
}

/** `now()`: the hub's clock in ms; the days offered start with its. */
export function Interview({ to, busy, error, now, onClose, onSend }) {
  const [form, setForm] = useState({ day: "", time: "", place: "", note: "" });
  const [missing, setMissing] = useState("");
  const change = (field) => (value) => setForm((old) => ({ ...old, [field]: value }));

  function send(event) {
    event.preventDefault();
    if (busy) return;
    const at_ms = beijingMs(form.day, form.time);
    const parts = { interview_at_ms: at_ms || 0, place: form.place.trim(), note: form.note.trim() };
    if (!at_ms && (form.day || form.time)) return setMissing(t("desk.interview_half"));
    if (at_ms && at_ms < now()) return setMissing(t("desk.interview_past"));
    if (!at_ms && !parts.place && !parts.note) return setMissing(t("desk.interview_empty"));
    setMissing("");
    onSend(Object.fromEntries(Object.entries(parts).filter(([, value]) => value)));
  }

  const footer = html`<${SendButton} busy=${busy} form="interview" name="interview-send" />`;
  const today = new Date(now() + 8 * 3_600_000).toISOString().slice(0, 10);
  return html`<${Sheet} title=${t("desk.interview_title")} onClose=${onClose} footer=${footer} first="input" data-test="interview-sheet">
    <form id="interview" class="stack" onSubmit=${send} novalidate>
      <${To} to=${to} />
      <p class="quiet">${t("desk.interview_what")}</p>
      <div class="line interview__when">
        <${Field} type="date" min=${today} label=${t("desk.interview_day")} value=${form.day} onInput=${change("day")} data-test="interview-day" />
        <${Field} type="time" step="300" label=${t("desk.interview_time")} value=${form.time} onInput=${change("time")} data-test="interview-time" />
      </div>
      <${Field} label=${t("desk.interview_place")} placeholder=${t("desk.interview_place_example")} value=${form.place} onInput=${change("place")} maxlength="60" data-test="interview-place" />
      <${Field}
        as="textarea"
        rows="2"
        label=${t("desk.interview_label")}
        placeholder=${t("desk.interview_example")}
        value=${form.note}
        onInput=${change("note")}
        maxlength=${LIMITS.TEXT_LIMIT}
        data-test="interview-note"
      />
    </form>
    ${(missing || error) && html`<p class="detail__error" role="alert" data-test="interview-error">${missing || refusalText(error)}</p>`}
  <//>`;
}
