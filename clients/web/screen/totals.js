// Large numbers; hover, focus or tap gives the definition.

import { html, useState } from "../shared/components.js";
import { t } from "../shared/i18n.js";
import { NUMBER_NAMES, exact } from "./tree.js";

export function Totals({ numbers, sessions }) {
  const [open, setOpen] = useState(null);
  return html`<section class="totals" aria-label=${t("screen.title")}>
    ${NUMBER_NAMES.map(
      (name) => html`<button
        key=${name}
        type="button"
        class="total total--${name}"
        aria-expanded=${String(open === name)}
        aria-describedby="what-${name}"
        onClick=${() => setOpen(open === name ? null : name)}
        data-test="total-button-${name}"
      >
        <span class="total__label">${t(`screen.${name}`)}</span>
        <span class="total__value num" data-test="total-${name}" data-value=${numbers[name]}>${exact(numbers[name])}</span>
        ${name === "live" && html`<span class="total__of small quiet num">${t("screen.halls_of", { live: numbers.live, all: sessions.size })}</span>`}
        <span class="total__what small" id="what-${name}" role="tooltip">${t(`screen.${name}_what`)}</span>
      </button>`,
    )}
  </section>`;
}
