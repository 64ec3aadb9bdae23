// Above the list: those who wait or all, one step, one position, and the file.

import { Button, Field, html, useState } from "../shared/components.js";
import { ORDERS } from "./filter.js";
import { statusText } from "../shared/format.js";
import { t } from "../shared/i18n.js";

const STEPS = ["applied", "viewed", "contacted", "interview", "intent", "hired", "at_work", "unsuitable", "filled", "withdrawn"];

export function Filters({ filter, onFilter, positions, tools, file, words, onWords }) {
  const all = filter.show === "all";
  // A phone shows the people first; the finer choices open under a button.
  const [open, setOpen] = useState(false);
  return html`<div class="list__filters ${open ? "list__filters--open" : ""}">
    <div class="list__filter" role="group" aria-label=${t("desk.filter")}>
      ${["waiting", "all"].map(
        (name) => html`<${Button} key=${name} small aria-pressed=${String(filter.show === name)} onClick=${() => onFilter({ show: name, status: "", order: name === "all" ? "newest" : "longest" })} data-test="filter-${name}"
          >${t(`desk.${name}`)}<//
        >`,
      )}
      <${Button} small class="list__finer" aria-expanded=${String(open)} onClick=${() => setOpen(!open)} data-test="filter-more">${t("desk.filter")}<//>
      ${tools}
    </div>
    <${Field} type="search" label=${t("desk.find")} hideLabel placeholder=${t("desk.find")} value=${words} onInput=${onWords} maxlength="24" autocomplete="off" enterkeyhint="search" data-test="find" />
    <div class="list__choices">
    <${Field} as="select" label=${t("desk.order")} hideLabel value=${filter.order} onInput=${(order) => onFilter({ order })} data-test="order">
      ${ORDERS.map((name) => html`<option key=${name} value=${name} selected=${name === filter.order}>${t(`desk.order_${name}`)}</option>`)}
    <//>
    ${all &&
    html`<${Choose} label=${t("desk.filter_status")} value=${filter.status} onInput=${(status) => onFilter({ status })} name="status" options=${STEPS.map((step) => [step, statusText(step)])} />`}
    ${positions.length > 1 &&
    html`<${Choose}
      label=${t("desk.filter_position")}
      value=${filter.position}
      onInput=${(position) => onFilter({ position })}
      name="position"
      options=${positions.map((one) => [one.id, one.title])}
    />`}
    ${file}
    </div>
  </div>`;
}

function Choose({ label, value, onInput, name, options }) {
  return html`<${Field} as="select" label=${label} hideLabel value=${value} onInput=${onInput} data-test="filter-${name}">
    <option value="" selected=${!value}>${label}</option>
    ${options.map(([id, words]) => html`<option key=${id} value=${id} selected=${id === value}>${words}</option>`)}
  <//>`;
}
