// The ways to the code (confirm.js), which itself is fetched when somebody takes one: most people never do.
//
//   openConfirm({ phone, why, session, done })   the sheet; why: "elsewhere" | "chat"; done() after the right code
//   codesOffered(setup)                 whether this house sends codes at all
//   <${ElsewhereEntry}/>                the way in, below 我的投递
//   <${ConfirmSheet}/> <${ConfirmOffer}/> <${CodeForm}/>     see confirm.js

import { Button, html, useStore } from "../shared/components.js";
import { t } from "../shared/i18n.js";
import { app } from "./app.js";
import { Later } from "./later.js";
import { openSheet } from "./route.js";

/** What the open sheet is about. The number stays in this module and never enters the browser's history. */
export const wanted = { phone: "", why: "elsewhere", session: "", done: null };

export function openConfirm({ phone = "", why = "elsewhere", session = "", done = null } = {}) {
  Object.assign(wanted, { phone, why, session, done });
  openSheet({ kind: "confirm" });
}

export function codesOffered(setup) {
  return Boolean(setup) && setup.confirmation !== "off";
}

export function ElsewhereEntry() {
  const setup = useStore(app.setup).value;
  if (!codesOffered(setup)) return null;
  return html`<div class="stack">
    <${Button} wide onClick=${() => openConfirm()} data-test="mine-elsewhere">${t("confirm.entry")}<//>
  </div>`;
}

const later = (part) => (props) => html`<${Later} load=${() => import("./confirm.js")} part=${part} ...${props} />`;

export const ConfirmSheet = later("ConfirmSheet");
export const ConfirmOffer = later("ConfirmOffer");
export const CodeForm = later("CodeForm");
