// The region tree as a table: province, cities, counties with their sums; branches unfold.

import { Button, html, useMemo, useState } from "../shared/components.js";
import { t } from "../shared/i18n.js";
import { NUMBER_NAMES, exact, filled, rowsOf } from "./tree.js";

export function Tree({ root, regions, numbers }) {
  const [opened, setOpened] = useState(() => new Set([root]));
  const rows = useMemo(() => rowsOf(regions, root, opened), [regions, root, opened]);
  const branches = useMemo(() => new Set(regions.map((region) => region.parent).filter(Boolean)), [regions]);
  const allOpen = [...branches].every((code) => opened.has(code) || !regions.some((region) => region.code === code));
  const flip = (code) => {
    const next = new Set(opened);
    if (!next.delete(code)) next.add(code);
    setOpened(next);
  };
  return html`<section class="tree panel" aria-labelledby="tree-title">
    <header class="line line--apart panel__title">
      <h2 class="tree__title" id="tree-title">${t("screen.tree")}</h2>
      <${Button} small onClick=${() => setOpened(allOpen ? new Set([root]) : new Set(branches))} data-test="unfold-all"
        >${t(allOpen ? "screen.fold_all" : "screen.unfold_all")}<//
      >
    </header>
    <div class="tree__scroll">
      <table class="tree__table">
        <thead>
          <tr>
            <th scope="col">${t("screen.region")}</th>
            ${NUMBER_NAMES.map((name) => html`<th key=${name} scope="col" class="tree__number" title=${t(`screen.${name}_what`)}>${t(`screen.${name}`)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map((row) => html`<${Row} key=${row.region.code} row=${row} numbers=${filled(numbers.get(row.region.code))} onFlip=${flip} />`)}
        </tbody>
      </table>
    </div>
  </section>`;
}

function Row({ row, numbers, onFlip }) {
  const { region, depth, below, open } = row;
  return html`<tr class="tree__row tree__row--${Math.min(depth, 3)} ${numbers.live ? "tree__row--live" : ""}" data-test="region-row" data-region=${region.code}>
    <th scope="row">
      <span class="tree__cell">
        ${below
          ? html`<button
              type="button"
              class="tree__fold"
              aria-expanded=${String(open)}
              aria-label=${t(open ? "screen.fold" : "screen.unfold", { name: region.name })}
              onClick=${() => onFlip(region.code)}
              data-test="region-unfold"
            >
              <span aria-hidden="true">${open ? "▾" : "▸"}</span> ${region.name}
            </button>`
          : html`<span class="tree__leaf">${region.name}</span>`}
      </span>
    </th>
    ${NUMBER_NAMES.map(
      (name) => html`<td key=${name} class="tree__number num ${numbers[name] ? "" : "quiet"}" data-number=${name} data-value=${numbers[name]}>${exact(numbers[name])}</td>`,
    )}
  </tr>`;
}
