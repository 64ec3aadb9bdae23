// 举报 a card, the room or a chat line: a reason, a few words if one likes, one button. The host is not told who it was.

import { useAttempt } from "../../shared/attempt.js";
import { Button, Field, Sheet, html, toast, useState, useStore } from "../../shared/components.js";
import { t } from "../../shared/i18n.js";
import { LIMITS } from "../../shared/protocol.js";
import { app } from "../app.js";
import { reportable } from "../chat.js";
import { closeSheet } from "../route.js";

const REASONS = ["fee", "false", "discrimination", "lure", "insult", "other"];

/** Lines that may be meant, the newest first. */
const LINES = 40;

/** `choose`: which line it is about is still to be said. */
export function ReportSheet({ session, slot, line: given, choose, room }) {
  const [line, setLine] = useState(given);
  if (choose && !line && room) return html`<${ChooseLine} room=${room} onChoose=${setLine} />`;
  return html`<${Report} ...${{ session, slot, line }} />`;
}

function ChooseLine({ room, onChoose }) {
  const { lines } = useStore(room.store);
  const meant = lines.filter(reportable).slice(-LINES).reverse();
  return html`<${Sheet} title=${t("report.which")} onClose=${closeSheet} data-test="report-lines">
    <ul class="rows">
      ${meant.map(
        (line) => html`<li key=${line.offset}><button type="button" class="report__pick" onClick=${() => onChoose(line)} data-test="report-pick-line"><span class="quiet small">${line.name}</span> ${line.text}</button></li>`,
      )}
    </ul>
    ${!meant.length && html`<p class="quiet">${t("chat.empty")}</p>`}
  <//>`;
}

function Report({ session, slot, line }) {
  const subjects = [line && "line", slot && "card", "room"].filter(Boolean);
  const [subject, setSubject] = useState(subjects[0]);
  const [reason, setReason] = useState("");
  const [text, setText] = useState("");
  const { busy, sentence, attempt, say } = useAttempt(app.link);

  function submit(event) {
    event.preventDefault();
    if (!reason) return say(t("report.no_reason"));
    const what = { card: slot && { position: slot.position.id }, line: line && { line: line.offset } }[subject];
    const command = { t: "report", session, subject, reason, ...what, ...(text.trim() ? { text: text.trim() } : null) };
    return attempt(command, { done: () => toast(t("report.done"), { tone: "safe" }), close: closeSheet });
  }
  const radio = (name, value, checked, pick, words) => html`<label class="choice" key=${value}>
    <input type="radio" name=${name} value=${value} checked=${checked} onChange=${() => pick(value)} data-test="${name}-${value}" />
    <span>${words}</span>
  </label>`;
  return html`<${Sheet} title=${t("report.title")} onClose=${closeSheet} data-test="report-sheet">
    <form class="stack" onSubmit=${submit}>
      ${subjects.length > 1 &&
      html`<fieldset class="line report__subjects" role="radiogroup" aria-label=${t("report.what")}>
        ${subjects.map((name) => radio("subject", name, subject === name, setSubject, t(`report.${name}`)))}
      </fieldset>`}
      ${subject === "line" && html`<blockquote class="report__line quiet">${line.text}</blockquote>`}
      ${subject === "card" && html`<p class="strong">${t("card.numbered", { n: slot.number, title: slot.position.title })}</p>`}
      <fieldset>
        <legend class="quiet small">${t("report.why")}</legend>
        ${REASONS.map((name) => radio("reason", name, reason === name, setReason, t(`report.reason_${name}`)))}
      </fieldset>
      <${Field} label=${t("report.text")} value=${text} onInput=${setText} maxlength=${LIMITS.TEXT_LIMIT} autocomplete="off" data-test="report-text" />
      <p class="quiet small">${t("report.private")}</p>
      ${sentence && html`<p class="form-error" role="alert" data-test="report-error">${sentence}</p>`}
      <${Button} kind="main" wide type="submit" busy=${busy} data-test="report-send">${t("report.send")}<//>
    </form>
  <//>`;
}
