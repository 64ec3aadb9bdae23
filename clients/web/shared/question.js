// What cannot be taken back asks once.
//
//   <${Question} name="cut" text yes onYes onNo busy/>     in place, after the button that asked (hidden meanwhile); it
//                                      gets the focus and gives it back; Escape means no, in a sheet it closes that
//   <${QuestionSheet} name title yes onYes onClose busy sentence>why<//>     a sheet that only asks
//
// Tests find NAME-confirm and NAME-cancel.

import { Button, Sheet, html, useId, useLayoutEffect, useRef } from "./components.js";
import { t } from "./i18n.js";

export function Question({ name, text, yes, no, kind = "stop", small, busy, onYes, onNo, class: more = "stack", pair = "line" }) {
  const box = useRef(null);
  const id = useId("question");
  useLayoutEffect(() => {
    const asked = box.current.previousElementSibling;
    box.current.focus({ preventScroll: true });
    // The button that asked is seen again after this drawing, not during it; whoever moved on meanwhile stays there.
    return () => queueMicrotask(() => document.activeElement === document.body && giveBack(asked));
  }, []);
  function onKeyDown(event) {
    const inSheet = box.current.closest('[role="dialog"]');
    if (event.key === "Escape" && !event.isComposing && !busy && !inSheet) onNo();
  }
  return html`<div class=${more} role="alertdialog" aria-labelledby=${id} tabindex="-1" ref=${box} onKeyDown=${onKeyDown} data-test="${name}-question">
    <p id=${id} class="strong">${text}</p>
    <div class=${pair}>
      <${Button} small=${small} disabled=${busy} onClick=${onNo} data-test="${name}-cancel">${no || t("do.cancel")}<//>
      <${Button} small=${small} kind=${kind} busy=${busy} onClick=${onYes} data-test="${name}-confirm">${yes}<//>
    </div>
  </div>`;
}

/** Its last button, or itself. */
function giveBack(asked) {
  const button = asked && (asked.matches("button") ? asked : [...asked.querySelectorAll("button")].pop());
  if (button) button.focus({ preventScroll: true });
}

export function QuestionSheet({ name, title, yes, kind = "stop", busy, sentence, onYes, onClose, children }) {
  const foot = html`<div class="line">
    <${Button} onClick=${onClose} data-test="${name}-cancel">${t("do.cancel")}<//>
    <${Button} kind=${kind} busy=${busy} onClick=${onYes} data-test="${name}-confirm">${yes}<//>
  </div>`;
  return html`<${Sheet} title=${title} onClose=${onClose} footer=${foot} data-test="${name}-ask">
    ${children}
    <p class="field__error" role="alert" data-test="${name}-refusal">${sentence}</p>
  <//>`;
}
