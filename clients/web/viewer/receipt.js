// The receipt: it is saved, what happens next, the number to confirm. What may be done beside it (an image to keep, two
// questions) comes from later/after.js once the receipt stands.

import { Button, Sheet, html, useStore } from "../shared/components.js";
import { t } from "../shared/i18n.js";
import { app } from "./app.js";
import { ConfirmOffer } from "./confirming.js";
import { Later } from "./later.js";
import { phoneOf } from "./phone.js";
import { remembered } from "./remembered.js";
import { closeAllSheets, replaceSheet } from "./route.js";

export function ReceiptSheet({ slot, session, reply }) {
  const { position } = slot;
  const mine = useStore(app.mine).applications.find((one) => one.id === reply.application);
  return html`<${Sheet} title=${t(reply.already ? "receipt.already" : "receipt.title")} onClose=${closeAllSheets} data-test="receipt">
    <div class="stack">
      <div class="receipt">
        <p class="receipt__done">${t(reply.already ? "receipt.already_words" : "receipt.saved")}</p>
        <p><span class="quiet">${t("receipt.number")}</span> <strong class="num receipt__number" data-test="receipt-number">${reply.receipt}</strong></p>
        <p>${position.title}</p>
        <p class="quiet small">${position.enterprise_name}</p>
      </div>
      <${ConfirmOffer} phone=${phoneOf(remembered.phone)} session=${session} confirmed=${mine && mine.confirmed} />
      <${Later} load=${() => import("./later/after.js")} part="After" position=${position} reply=${reply} mine=${mine} />
      <h3>${t("receipt.next")}</h3>
      <ol class="next">
        <li>${t("receipt.next_1")}</li>
        <li>${t("receipt.next_2")}</li>
        <li>${t("receipt.next_3")}</li>
      </ol>
      <p class="quiet small">${t("receipt.no_fee")}</p>
      <${Button} kind="main" wide onClick=${closeAllSheets} data-test="receipt-done">${t("apply.go_on")}<//>
      <${Button} wide onClick=${() => replaceSheet({ kind: "mine" })} data-test="receipt-mine">${t("mine.title")}<//>
    </div>
  <//>`;
}
