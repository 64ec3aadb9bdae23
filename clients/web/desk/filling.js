// 招满 with people waiting: one sheet, one tap tells all of them 岗位已招满 and stops the position. Without anybody waiting
// the position is just closed. How either is done, the caller says.
//
//   const n = await countWaiting(link, enterprise, position)   -> 0, 12, or "100+"
//   html`<${FillingSheet} link file waiting fill=${(attempt, file, shut) => …} close=${(attempt, file, true, shut) => …} onClose />`

import { useAttempt } from "../shared/attempt.js";
import { Button, Sheet, html } from "../shared/components.js";
import { t } from "../shared/i18n.js";

const COUNTED = 100;

/** How many wait for a first answer; nobody is named. */
export async function countWaiting(link, enterprise, position) {
  const page = await link.send({ t: "list_applications", enterprise, position, statuses: ["applied", "viewed"], limit: COUNTED });
  const n = (page.applications || []).length;
  return page.next ? `${n}+` : n;
}

export function FillingSheet({ link, file, waiting, fill, close, onClose }) {
  const { busy, sentence, attempt } = useAttempt(link);
  const footer = html`<div class="stack">
    <${Button} kind="main" wide busy=${busy === "fill"} disabled=${Boolean(busy)} onClick=${() => fill(attempt, file, onClose)} data-test="filling-all">${t("desk.filling_all", { n: waiting, count: waiting })}<//>
    <${Button} wide busy=${busy === "close"} disabled=${Boolean(busy)} onClick=${() => close(attempt, file, true, onClose)} data-test="filling-close">${t("desk.filling_close")}<//>
  </div>`;
  return html`<${Sheet} title=${t("desk.filling_title", { title: file.position.title })} onClose=${onClose} footer=${footer} data-test="filling-sheet">
    <p class="strong">${t("desk.filling_waiting", { n: waiting, count: waiting })}</p>
    <p class="quiet">${t("desk.filling_what")}</p>
    <p class="field__error" role="alert" data-test="filling-refusal">${sentence}</p>
  <//>`;
}
