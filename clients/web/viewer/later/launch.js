// 开幕: one moment for all halls of a branch, on every page at the time the hub named, not a frame before.

import { Button, html, useEffect, useState } from "../../shared/components.js";
import { t } from "../../shared/i18n.js";
import { LIMITS } from "../../shared/protocol.js";
import { app } from "../app.js";
import { addStyle } from "./style.js";

const SHOWN_MS = LIMITS.LAUNCH_SHOWN_S * 1000;
/** A timer that is set long before may come early or late; near the moment it is set again. */
const NEAR_MS = 500;
/** The hub's clock may be put right meanwhile; and a timer that is set for more than 24 days ends at once. */
const LOOK_MS = 60_000;

addStyle(import.meta.url, "./launch.css");

export function Launch({ launch }) {
  const [shownAt, setShownAt] = useState(0);
  const [over, setOver] = useState(false);

  useEffect(() => {
    let timer = null;
    const look = () => {
      const left = launch.show_at_ms - app.link.serverNow();
      if (left > 0) {
        timer = setTimeout(look, Math.min(left > 2 * NEAR_MS ? left - NEAR_MS : left, LOOK_MS));
      } else if (left > -SHOWN_MS) {
        setShownAt(app.link.serverNow());
        timer = setTimeout(() => setOver(true), SHOWN_MS + left);
      }
    };
    look();
    return () => clearTimeout(timer);
  }, []);

  // The live region is there before the words are, so that they are read out.
  return html`<div class="launch-place" role="status">
    ${shownAt && !over
      ? html`<section class="launch" data-test="launch" data-shown-at=${shownAt}>
          <p class="launch__word">${t("launch.word")}</p>
          <p class="launch__text strong">${launch.text}</p>
          <${Button} kind="plain" small class="launch__close" onClick=${() => setOver(true)} data-test="launch-close">${t("launch.close")}<//>
        </section>`
      : ""}
  </div>`;
}
