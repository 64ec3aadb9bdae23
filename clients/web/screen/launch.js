// 开幕: one line for the viewers of all halls of the branch, shown everywhere at the same moment.

import { useAttempt } from "../shared/attempt.js";
import { Button, Field, Sheet, html, toast, useState } from "../shared/components.js";
import { t } from "../shared/i18n.js";
import { LIMITS } from "../shared/protocol.js";
import { Question } from "../shared/question.js";

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
  const { busy, sentence, attempt, say } = useAttempt(link);

  function ask(event) {
    event.preventDefault();
    say(text.trim() ? "" : t("screen.launch_empty"));
    setAsking(Boolean(text.trim()));
  }
  const launch = () =>
    attempt(
      { t: "launch", region: root, text: text.trim(), in_ms: Number(inS) * 1000 },
      { done: () => toast(t("screen.launch_done", { n: inS }), { tone: "safe" }), close: onClose, refused: () => setAsking(false) },
    );
  return html`<${Sheet} title=${t("screen.launch_title", { name })} onClose=${onClose} first="input" data-test="launch-sheet">
    ${halls
      ? html`<form class="stack" onSubmit=${ask}>
          <p>${t("screen.launch_note", { n: halls, count: halls })}</p>
          <${Field} label=${t("screen.launch_words", { n: LIMITS.NOTICE_LIMIT })} value=${text} onInput=${setText} error=${sentence} maxlength=${LIMITS.NOTICE_LIMIT} disabled=${asking} autocomplete="off" data-test="launch-text" />
          <${Field} as="select" label=${t("screen.launch_in")} value=${inS} onInput=${setInS} disabled=${asking} data-test="launch-in">
            ${IN_S.map((n) => html`<option key=${n} value=${n} selected=${String(n) === inS}>${t("screen.launch_in_n", { n })}</option>`)}
          <//>
          ${asking && html`<blockquote class="report__what" data-test="launch-words">${text.trim()}</blockquote>`}
          <${Button} kind="main" wide type="submit" hidden=${asking} data-test="launch-ask">${t("screen.launch")}<//>
          ${asking &&
          html`<${Question} name="launch" text=${t("screen.launch_ask", { n: halls, count: halls })} yes=${t("screen.launch_yes")} kind="main" busy=${busy} onYes=${launch} onNo=${() => setAsking(false)} />`}
        </form>`
      : html`<p class="state" data-test="launch-none">${t("screen.launch_none")}</p>`}
  <//>`;
}
