// 即时阻断: an operator ends a session that must not go on. A reason, a second confirmation, and it is off.

import { useAttempt } from "../shared/attempt.js";
import { Button, Field, Sheet, html, toast, useState } from "../shared/components.js";
import { t } from "../shared/i18n.js";
import { LIMITS } from "../shared/protocol.js";
import { Question } from "../shared/question.js";

export function CutOffSheet({ session, link, onClose }) {
  const [reason, setReason] = useState("");
  const [asking, setAsking] = useState(false);
  const { busy, sentence, attempt, say } = useAttempt(link);
  const title = session.venue_name || session.title;

  function ask(event) {
    event.preventDefault();
    say(reason.trim() ? "" : t("screen.report_note_needed"));
    setAsking(Boolean(reason.trim()));
  }
  const cut = () =>
    attempt(
      { t: "cut_off", session: session.id, reason: reason.trim() },
      { done: () => toast(t("screen.cut_done"), { tone: "safe" }), close: onClose, refused: () => setAsking(false) },
    );
  return html`<${Sheet} title=${title} onClose=${onClose} first="input" data-test="cut-sheet">
    <form class="stack" onSubmit=${ask}>
      <${Field} label=${t("screen.cut_reason")} value=${reason} onInput=${setReason} error=${sentence} maxlength=${LIMITS.TEXT_LIMIT} disabled=${asking} autocomplete="off" data-test="cut-reason" />
      <${Button} kind="stop" wide type="submit" hidden=${asking} data-test="cut-off">${t("screen.cut")}<//>
      ${asking && html`<${Question} name="cut" text=${t("screen.cut_ask", { title })} yes=${t("screen.cut_yes")} busy=${busy} onYes=${cut} onNo=${() => setAsking(false)} />`}
    </form>
  <//>`;
}
