// 即时阻断: an operator ends a session that must not go on. A reason, a second confirmation, and it is off.

import { perform } from "../shared/perform.js";
import { Button, Field, Sheet, html, toast, useState } from "../shared/components.js";
import { refusalText, t } from "../shared/i18n.js";
import { LIMITS } from "../shared/protocol.js";

export function CutOffSheet({ session, link, onClose }) {
  const [reason, setReason] = useState("");
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const title = session.venue_name || session.title;

  function ask(event) {
    event.preventDefault();
    if (reason.trim()) setAsking(true);
    else setError(t("screen.report_note_needed"));
  }
  async function cut() {
    if (busy) return;
    setBusy(true);
    setError("");
    try {
      await perform(link, { t: "cut_off", session: session.id, reason: reason.trim() });
      toast(t("screen.cut_done"), { tone: "safe" });
      onClose();
    } catch (refused) {
      setError(refusalText(refused));
      setAsking(false);
    } finally {
      setBusy(false);
    }
  }
  return html`<${Sheet} title=${title} onClose=${onClose} first="input" data-test="cut-sheet">
    <form class="stack" onSubmit=${ask}>
      <${Field} label=${t("screen.cut_reason")} value=${reason} onInput=${setReason} error=${error} maxlength=${LIMITS.TEXT_LIMIT} disabled=${asking} autocomplete="off" data-test="cut-reason" />
      ${asking
        ? html`<div class="stack" role="alertdialog" aria-labelledby="cut-room-ask">
            <p id="cut-room-ask" class="strong">${t("screen.cut_ask", { title })}</p>
            <div class="line">
              <${Button} onClick=${() => setAsking(false)} data-test="cut-cancel">${t("do.cancel")}<//>
              <${Button} kind="stop" busy=${busy} onClick=${cut} data-test="cut-confirm">${t("screen.cut_yes")}<//>
            </div>
          </div>`
        : html`<${Button} kind="stop" wide type="submit" data-test="cut-off">${t("screen.cut")}<//>`}
    </form>
  <//>`;
}
