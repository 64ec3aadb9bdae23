// Pay, place or shift changed between what was read and now: both are shown, and asked about again.

import { html } from "../../shared/components.js";
import { factsOf } from "../../shared/format.js";
import { t } from "../../shared/i18n.js";

const ASKED_AGAIN = ["base", "band", "place", "shift"];

/** [{label, before, now}] of the facts that decide. Pure but for the words. */
export function changesOf(before, now) {
  const old = new Map(factsOf(before).map((fact) => [fact.name, fact.value]));
  return factsOf(now)
    .filter(({ name, value }) => ASKED_AGAIN.includes(name) && old.get(name) !== value)
    .map(({ name, label, value }) => ({ label, before: old.get(name), now: value }));
}

export function Changed({ before, now }) {
  return html`<div class="changed" role="alert" tabindex="-1" data-test="apply-changed">
    <p class="strong">${t("changed.title")}</p>
    <dl class="facts">
      ${changesOf(before, now).map(
        (change) => html`<div key=${change.label} class="facts__row">
          <dt>${change.label}</dt>
          <dd><del class="quiet">${change.before}</del> <ins class="strong">${change.now}</ins></dd>
        </div>`,
      )}
    </dl>
    <p class="small">${t("changed.ask")}</p>
  </div>`;
}
