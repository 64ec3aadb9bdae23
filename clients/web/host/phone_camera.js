// A phone becomes the camera: its QR code on the console, and the way to take all such phones' right back.

import { postJson } from "../shared/api.js";
import { useAttempt } from "../shared/attempt.js";
import { Button, ListState, Sheet, html, toast, useLoad, useNow } from "../shared/components.js";
import { t } from "../shared/i18n.js";

export function PhoneSheet({ account, sessionId, onClose }) {
  const address = `/api/sessions/${encodeURIComponent(sessionId)}/camera`;
  const offer = useLoad(async () => postJson(address, {}, { token: await account.ready() }), [sessionId]);
  const now = useNow(1000);
  const { busy, sentence, attempt } = useAttempt();
  const { qr, link, until_ms } = offer.data || {};
  const over = until_ms && until_ms <= now;

  async function copy() {
    try {
      await navigator.clipboard.writeText(link);
      toast(t("phone.copied"), { tone: "safe" });
    } catch {
      toast(t("invitation.link_not_copied"), { tone: "look" });
    }
  }
  const revoke = () =>
    attempt(async () => postJson(`${address}/revoke`, {}, { token: await account.ready() }), { done: () => toast(t("phone.revoked"), { tone: "safe" }), close: onClose });

  return html`<${Sheet} title=${t("phone.title")} onClose=${onClose} data-test="phone-sheet">
    <${ListState} state=${offer.state} error=${offer.error} onRetry=${offer.again}>
      ${offer.data &&
      html`<div class="stack">
        <p>${t("phone.how")}</p>
        ${over
          ? html`<p class="strong" role="status" data-test="phone-over">${t("phone.over")}</p>
              <${Button} kind="main" wide onClick=${offer.again}>${t("phone.anew")}<//>`
          : html`<img class="phone__qr" src=${`data:image/svg+xml;charset=utf-8,${encodeURIComponent(qr)}`} alt=${t("phone.alt")} data-test="phone-qr" data-link=${link} />
              <p class="quiet small">${t("phone.once")}</p>
              <${Button} wide onClick=${copy} data-test="phone-copy">${t("phone.copy")}<//>`}
        <p class="quiet small">${t("phone.revoke_what")}</p>
        <${Button} kind="plain" busy=${busy} onClick=${revoke} data-test="phone-revoke">${t("phone.revoke")}<//>
        <p class="field__error" role="alert">${sentence}</p>
      </div>`}
    <//>
  <//>`;
}
