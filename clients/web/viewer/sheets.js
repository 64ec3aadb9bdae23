// The sheet that lies over the page now, if any: shelf, one position, applying, receipt, 我的投递.

import { Button, Chip, Sheet, html, useStore } from "../shared/components.js";
import { t } from "../shared/i18n.js";
import { activeFor, app } from "./app.js";
import { ApplySheet } from "./apply.js";
import { ApplyButton, Chips, Facts } from "./card.js";
import { RoomContext } from "./context.js";
import { ConfirmSheet } from "./confirming.js";
import { ReportButton } from "./report.js";
import { Later, Mine } from "./later.js";
import { ReceiptSheet } from "./receipt.js";
import { closeSheet, openSheet, route } from "./route.js";
import { ShareSheet, shareOfPosition } from "./share.js";
import { ShelfList } from "./shelf.js";
import { isRehearsal, onAir, stateOf, takesApplications, talking } from "./stage.js";

export function Sheets() {
  const { sheet, depth } = useStore(route);
  const { room, session } = useStore(RoomContext);
  if (!sheet) return null;
  // A key of its own, so that each sheet takes the focus anew.
  const key = `${sheet.kind}-${depth}`;
  if (sheet.kind === "mine") {
    return html`<${Sheet} key=${key} title=${t("mine.title")} onClose=${closeSheet} data-test="mine-sheet"><${Mine} /><//>`;
  }
  if (sheet.kind === "privacy") {
    return html`<${Sheet} key=${key} title=${t("mine.privacy")} onClose=${closeSheet} data-test="privacy-sheet">
      <${Later} load=${() => import("./later/privacy.js")} part="Privacy" />
    <//>`;
  }
  if (sheet.kind === "confirm") return html`<${ConfirmSheet} key=${key} />`;
  if (sheet.kind === "apply") {
    return html`<${ApplySheet} key=${key} slot=${sheet.slot} family=${sheet.family} session=${sheet.session || session} />`;
  }
  if (sheet.kind === "receipt") return html`<${ReceiptSheet} key=${key} slot=${sheet.slot} session=${sheet.session} reply=${sheet.reply} />`;
  if (sheet.kind === "share") return html`<${ShareSheet} key=${key} what=${sheet.what} />`;
  if (sheet.kind === "report" && (sheet.session || session)) {
    return html`<${Later} key=${key} load=${() => import("./later/report_sheet.js")} part="ReportSheet" session=${sheet.session || session} slot=${sheet.slot} line=${sheet.line} choose=${sheet.choose} room=${room} />`;
  }
  if (!room) return null;
  switch (sheet.kind) {
    case "shelf":
      return html`<${ShelfSheet} key=${key} room=${room} />`;
    case "position":
      return html`<${PositionSheet} key=${key} room=${room} slot=${sheet.slot} />`;
    default:
      return null;
  }
}

function ShelfSheet({ room }) {
  const view = useStore(room.store);
  const count = view.slots ? view.slots.length : "";
  return html`<${Sheet} title=${t("shelf.title_n", { n: count })} onClose=${closeSheet} data-test="shelf-sheet">
    <${ShelfList} view=${view} onRetry=${room.reload} />
  <//>`;
}

function PositionSheet({ room, slot }) {
  const { stage, slots, lines } = useStore(room.store);
  const { applications } = useStore(app.mine);
  // The newest we know of it: it may have been closed while it was read.
  const fresh = (slots && slots.find((one) => one.number === slot.number)) || slot;
  const { position, number } = fresh;
  const explained = stage.card && stage.card.position.id === position.id;
  return html`<${Sheet}
    title=${t("card.numbered", { n: number, title: position.title })}
    onClose=${closeSheet}
    data-test="position-sheet"
    footer=${html`<div class="now-card__do">
      <${ApplyButton} slot=${fresh} session=${stage.session} />
      ${activeFor(applications, position.id, stage.session.id) &&
      takesApplications(stage.session) &&
      !position.closed &&
      html`<${Button} kind="plain" onClick=${() => openSheet({ kind: "apply", slot: fresh, family: true })} data-test="apply-again">${t("apply.for_another")}<//>`}
      <${ReportButton} slot=${fresh} />
    </div>`}
  >
    <div class="stack">
      <p class="line">
        ${explained && html`<${Chip} tone="now">${t("card.explaining")}<//>`}
        <span class="quiet">${position.enterprise_name}</span>
        <span class="quiet num">${t("card.openings", { n: position.openings, count: position.openings })}</span>
      </p>
      <${Chips} position=${position} />
      <${Later} load=${() => import("./later/replies.js")} part="Replies" enterprise=${position.enterprise} session=${stage.session.id} />
      ${(onAir(stage.session) || stateOf(stage.session) === "ended") &&
      html`<${Later} load=${() => import("../picture/clip.js")} part="Clip" session=${stage.session.id} position=${position.id} />`}
      <${Facts} position=${position} />
      <${Later} load=${() => import("./later/faq.js")} part="Faq" session=${stage.session} card=${stage.card} lines=${lines} position=${position} explained=${explained} talking=${talking(stage.session)} />
      ${position.synthetic && html`<p class="quiet small">${t("position.synthetic")}</p>`}
      ${!isRehearsal(stage.session) &&
      html`<${Button} kind="quiet" onClick=${() => openSheet({ kind: "share", what: shareOfPosition(position, { ...stage.session, number }) })} data-test="share-open">${t("share.title")}<//>`}
    </div>
  <//>`;
}
