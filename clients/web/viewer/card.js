// A position as people read it: the card being explained, its facts, and the one button that applies.

import { Button, Chip, html, useStore } from "../shared/components.js";
import { chipsOf, factsOf, payBand, payBase, statusText, statusTone } from "../shared/format.js";
import { t } from "../shared/i18n.js";
import { activeFor, app } from "./app.js";
import { ReportButton } from "./report.js";
import { openSheet } from "./route.js";
import { isRehearsal, stateOf, takesApplications, talking } from "./stage.js";

/** The card under the picture; what to do instead where there is none. */
export function CurrentCard({ stage }) {
  const { card, session } = stage;
  if (!card) {
    return html`<section class="card now-card" aria-label=${t("card.current")} data-test="no-card">
      <p>${t(stateOf(session) === "ended" ? "card.none_ended" : talking(session) ? "card.none" : "card.none_yet")}</p>
      <${Button} kind="quiet" onClick=${() => openSheet({ kind: "shelf" })}>${t("card.see_shelf")}<//>
      <${ReportButton}>${t("report.room_open")}<//>
    </section>`;
  }
  const { position, number } = card;
  return html`<section class="card now-card now-card--on" aria-label=${t("card.current")} data-test="card" data-position=${position.id}>
    <div class="line line--apart">
      <span class="line"><${Chip} tone="now">${t("card.explaining")}<//><span class="strong num">${t("card.number", { n: number })}</span></span>
      <span class="line">
        <span class="quiet small num" data-test="card-openings">${t("card.openings", { n: position.openings, count: position.openings })}</span>
        <${ReportButton} slot=${card} />
      </span>
    </div>
    <h2 class="now-card__title" data-test="card-title">${position.title}</h2>
    <${Pay} position=${position} />
    <div class="now-card__where small">
      <p class="quiet" data-test="card-enterprise">${position.enterprise_name || t("fact.missing")}</p>
      <p data-test="card-place">${t("fact.place")}${t("list.colon")}${position.place || t("fact.missing")}</p>
    </div>
    <${Chips} position=${position} />
    <div class="now-card__do">
      <${ApplyButton} slot=${card} session=${session} />
      <${Button} onClick=${() => openSheet({ kind: "position", slot: card })} data-test="card-details">${t("card.details")}<//>
    </div>
  </section>`;
}

/** 底薪 and 综合 stand apart, always both, so that nobody takes one for the other. */
export function Pay({ position }) {
  const line = (name, value) => html`<div>
    <dt class="quiet small">${t(`fact.${name}`)}</dt>
    <dd class=${value ? "pay strong num" : "quiet"} data-test=${`pay-${name}`}>${value || t("fact.missing")}</dd>
  </div>`;
  return html`<dl class="pays">${line("base", payBase(position))}${line("band", payBand(position))}</dl>`;
}

export function Chips({ position }) {
  const chips = chipsOf(position);
  return html`<ul class="line" data-test="card-chips">
    ${chips.map((chip) => html`<li key=${chip}><${Chip}>${chip}<//></li>`)}
    ${!position.shift && html`<li><${Chip} class="quiet">${t("fact.shift")}${t("list.colon")}${t("fact.missing")}<//></li>`}
  </ul>`;
}

/** All facts; missing ones are shown as missing. */
export function Facts({ position }) {
  return html`<dl class="facts">
    ${factsOf(position).map(
      (fact) => html`<div key=${fact.name}>
        <dt class="quiet">${fact.label}</dt>
        <dd class=${fact.missing ? "quiet" : ""}>${fact.value}</dd>
      </div>`,
    )}
  </dl>`;
}

/** 投递, or why not, or what has become of it. */
export function ApplyButton({ slot, session, small }) {
  const { applications } = useStore(app.mine);
  const { items } = useStore(app.waiting);
  const { position } = slot;
  const done = activeFor(applications, position.id, session.id);
  if (done) {
    return html`<${Button}
      kind="quiet"
      small=${small}
      onClick=${() => openSheet({ kind: "mine" })}
      data-test="apply-done"
      data-status=${done.status}
      ><span class=${statusTone(done.status) === "safe" ? "safe-word" : ""}>${statusText(done.status)}</span><//
    >`;
  }
  if (items.some((item) => item.command.t === "apply" && item.command.position === position.id)) {
    return html`<${Button} small=${small} disabled data-test="apply-waiting">${t("apply.waiting_short")}<//>`;
  }
  if (position.closed || !takesApplications(session)) {
    const off = isRehearsal(session) ? "rehearsal" : session.cut_off ? "ended" : "not_yet";
    const why = position.closed ? "apply.closed" : `apply.${off}`;
    return html`<${Button} small=${small} disabled data-test="apply-off">${t(why)}<//>`;
  }
  return html`<${Button}
    kind="main"
    small=${small}
    aria-label=${t("apply.to", { title: position.title })}
    onClick=${() => openSheet({ kind: "apply", slot, session: session.id })}
    data-test="apply-open"
    >${t("apply.open")}<//
  >`;
}
