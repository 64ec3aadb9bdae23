// 招满 with people waiting: one sheet, one tap tells all of them 岗位已招满 and stops the position. Without anybody waiting
// the position is just closed, by the caller.
//
//   const n = await countWaiting(link, enterprise, position)   -> 0, 12, or "100+"
//   html`<${FillingSheet} file waiting onFill onClose onOnlyClose />`

import { Button, Sheet, html, useState } from "../shared/components.js";
import { t } from "../shared/i18n.js";

const COUNTED = 100;

/** How many wait for a first answer; nobody is named. */
export async function countWaiting(link, enterprise, position) {
  const page = await link.send({ t: "list_applications", enterprise, position, statuses: ["applied", "viewed"], limit: COUNTED });
  const n = (page.applications || []).length;
  return page.next ? `${n}+` : n;
}

export function FillingSheet({ file, waiting, onFill, onOnlyClose, onClose }) {
  const [sending, setSending] = useState(false);
  const once = (act) => async () => {
    setSending(true);
    try {
      await act();
    } finally {
      setSending(false);
    }
  };
  const footer = html`<div class="stack">
    <${Button} kind="main" wide disabled=${sending} onClick=${once(onFill)} data-test="filling-all">${t("desk.filling_all", { n: waiting, count: waiting })}<//>
    <${Button} wide disabled=${sending} onClick=${once(onOnlyClose)} data-test="filling-close">${t("desk.filling_close")}<//>
  </div>`;
  return html`<${Sheet} title=${t("desk.filling_title", { title: file.position.title })} onClose=${onClose} footer=${footer} data-test="filling-sheet">
    <p class="strong">${t("desk.filling_waiting", { n: waiting, count: waiting })}</p>
    <p class="quiet">${t("desk.filling_what")}</p>
  <//>`;
}
