// 开幕: one line for the viewers of all halls of the branch, shown everywhere at the same moment.

import { perform } from "../shared/perform.js";
import { Button, Field, Sheet, html, toast, useState } from "../shared/components.js";
import { refusalText, t } from "../shared/i18n.js";
import { LIMITS } from "../shared/protocol.js";

/** Enough for the slowest line to have it before it is shown. */
const IN_S = [2, 5, 10, 30];

export function LaunchButton({ link, root, name, sessions }) {
  const [open, setOpen] = useState(false);
  const halls = [...sessions.values()].filter((session) => session.state !== "ended").length;
  return html`<div class="screen__launch">
    <${Button} onClick=${() => setOpen(true)} data-test="launch-open">${t("screen.launch")}<//>
    ${open && html`<${LaunchSheet} ...${{ link, root, name, halls }} onClose=${() => setOpen(false)} />`}
  </div>`;
}

function LaunchSheet({ link, root, name, halls, onClose }) {
  const [text, setText] = useState(t("screen.launch_example", { name }));
  const [inS, setInS] = useState(String(IN_S[1]));
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");

  function ask(event) {
    event.preventDefault();
    setError(text.trim() ? "" : t("screen.launch_empty"));
    setAsking(Boolean(text.trim()));
  }
  async function launch() {
    if (busy) return;
    setBusy(true);
    try {
      await perform(link, { t: "launch", region: root, text: text.trim(), in_ms: Number(inS) * 1000 });
      toast(t("screen.launch_done", { n: inS }), { tone: "safe" });
      onClose();
    } catch (refused) {
      setError(refusalText(refused));
      setAsking(false);
    } finally {
      setBusy(false);
    }
  }
  return html`<${Sheet} title=${t("screen.launch_title", { name })} onClose=${onClose} first="input" data-test="launch-sheet">
    ${halls
      ? html`<form class="stack" onSubmit=${ask}>
          <p>${t("screen.launch_note", { n: halls, count: halls })}</p>
          <${Field} label=${t("screen.launch_words", { n: LIMITS.NOTICE_LIMIT })} value=${text} onInput=${setText} error=${error} maxlength=${LIMITS.NOTICE_LIMIT} disabled=${asking} autocomplete="off" data-test="launch-text" />
          <${Field} as="select" label=${t("screen.launch_in")} value=${inS} onInput=${setInS} disabled=${asking} data-test="launch-in">
            ${IN_S.map((n) => html`<option key=${n} value=${n} selected=${String(n) === inS}>${t("screen.launch_in_n", { n })}</option>`)}
          <//>
          ${asking
            ? html`<div class="stack" role="alertdialog" aria-labelledby="launch-ask">
                <p id="launch-ask" class="strong">${t("screen.launch_ask", { n: halls, count: halls })}</p>
                <div class="line">
                  <${Button} onClick=${() => setAsking(false)} data-test="launch-cancel">${t("do.cancel")}<//>
                  <${Button} kind="main" busy=${busy} onClick=${launch} data-test="launch-confirm">${t("screen.launch_yes")}<//>
                </div>
              </div>`
            : html`<${Button} kind="main" wide type="submit" data-test="launch-ask">${t("screen.launch")}<//>`}
        </form>`
      : html`<p class="state" data-test="launch-none">${t("screen.launch_none")}</p>`}
  <//>`;
}
