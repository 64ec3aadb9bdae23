// The form of one position. What is left empty is shown as missing; which faults are left, the hub says.

import { Button, Choice, Field, Sheet, html, useState } from "../shared/components.js";
import { has, refusalText, t } from "../shared/i18n.js";
import { perform } from "../shared/perform.js";
import { flagText } from "../shared/position_file.js";
import { commandOf, valuesOf } from "./position_values.js";

const LINES = ["title", "openings", "pay_min", "pay_max", "base", "place", "shift", "rest", "education", "employment_type", "benefits"];
const NUMBERS = new Set(["openings", "pay_min", "pay_max", "base"]);

export function PositionForm({ link, file, onClose, onSaved }) {
  const [values, setValues] = useState(() => valuesOf(file.position));
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const set = (name) => (value) => setValues((old) => ({ ...old, [name]: value }));

  async function save(event) {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const reply = await perform(link, commandOf(file.position, values));
      onSaved(reply.review || "approved");
    } catch (refused) {
      setBusy(false);
      const why = refused.code === "position_faulty" && refused.params.why;
      setError(why && has(`why.${why}`) ? t("desk.position_faulty", { why: t(`why.${why}`) }) : refusalText(refused));
    }
  }

  const line = (name) => html`<${Field} key=${name} label=${t(`desk.field_${name}`)} value=${values[name]} onInput=${set(name)}
    inputmode=${NUMBERS.has(name) ? "numeric" : undefined} maxlength="200" autocomplete="off" data-test="field-${name}" />`;
  return html`<${Sheet} title=${t("desk.position_edit_title")} onClose=${onClose}>
    <form class="stack" onSubmit=${save} data-test="position-form">
      ${(file.flags || []).length > 0 && html`<ul class="file__flags">${file.flags.map((flag) => html`<li key=${flag.why}>${flagText(flag)}</li>`)}</ul>`}
      ${LINES.slice(0, 4).map(line)}
      <${Choice} label=${t("pay.negotiable")} checked=${values.negotiable} onChange=${set("negotiable")} />
      <${Field} as="select" label=${t("desk.field_unit")} value=${values.unit} onInput=${set("unit")}>
        ${["month", "hour", "piece"].map((unit) => html`<option key=${unit} value=${unit} selected=${unit === values.unit}>${t(`desk.unit_${unit}`)}</option>`)}
      <//>
      ${LINES.slice(4).map(line)}
      <${Field} as="textarea" rows="3" label=${t("desk.field_duties")} value=${values.duties} onInput=${set("duties")} maxlength="1000" data-test="field-duties" />
      <${Field} as="textarea" rows="3" label=${t("desk.field_requirements")} value=${values.requirements} onInput=${set("requirements")} maxlength="1000" />
      <${Field} type="date" label=${t("desk.field_valid_until")} value=${values.valid_until} onInput=${set("valid_until")} data-test="field-valid_until" />
      <p class="quiet small">${t("desk.position_review_hint")}</p>
      ${error && html`<p class="field__error" role="alert" data-test="position-error">${error}</p>`}
      <${Button} kind="main" wide type="submit" busy=${busy} data-test="position-save">${t("desk.position_save")}<//>
    </form>
  <//>`;
}
