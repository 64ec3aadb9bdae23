// The sheet with the poster. It is loaded when somebody shares something, so that nobody else waits for it.

import { Button, ListState, html, toast, useEffect, useLoad, useRef, useState } from "../shared/components.js";
import { getJson } from "../shared/api.js";
import { t } from "../shared/i18n.js";
import { HIGH, WIDE, drawPoster } from "./poster.js";
import { sourceNow } from "./source.js";

/** Where nobody brought this seeker here, whom the seeker brings is counted under this. */
const PASSED_ON = "share";

export function Poster({ what }) {
  const query = new URLSearchParams({ to: what.path, from: sourceNow() || PASSED_ON, as: "modules" });
  const { state, data, error, again } = useLoad(() => getJson(`/api/qr?${query}`), [what.path]);
  const [picture, setPicture] = useState("");
  const address = useRef(null);

  useEffect(() => {
    if (!data) return;
    const canvas = document.createElement("canvas");
    drawPoster(canvas, what, data).then(() => setPicture(canvas.toDataURL("image/png")));
  }, [data]);

  async function copy() {
    try {
      await navigator.clipboard.writeText(data.address);
    } catch {
      // Some browsers inside apps have no clipboard for pages: what is selected can be copied by hand.
      address.current.focus();
      address.current.select();
      if (!document.execCommand("copy")) return;
    }
    toast(t("share.copied"), { tone: "safe" });
  }

  const words = { title: what.title, band: what.band || "" };
  return html`<${ListState} state=${state} error=${error} onRetry=${again} lines=${9}>
      <div class="stack">
        ${picture
          ? html`<img class="poster" src=${picture} width=${WIDE} height=${HIGH} alt=${t("poster.alt", { title: what.title })} data-test="poster" />
              <p class="quiet small">${t("share.hold")}</p>`
          : html`<p class="quiet" role="status">${t("state.loading")}</p>`}
        ${data &&
        html`<label class="field__label" for="share-address">${t("share.address")}</label>
          <input id="share-address" class="input" readonly value=${data.address} ref=${address} data-test="share-address" />
          <div class="now-card__do">
            <${Button} onClick=${copy} data-test="share-copy">${t("share.copy")}<//>
            ${navigator.share &&
            html`<${Button} onClick=${() => navigator.share({ title: t("share.words", words), url: data.address }).catch(() => undefined)}>${t("share.send")}<//>`}
          </div>`}
      </div>
  <//>`;
}
