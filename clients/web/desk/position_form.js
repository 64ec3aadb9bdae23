// The form of one position. What is left empty is shown as missing; which faults are left, the hub says.

import { useAttempt } from "../shared/attempt.js";
import { Button, Choice, Field, Sheet, html, useState } from "../shared/components.js";
import { has, refusalText, t } from "../shared/i18n.js";
import { flagText } from "../shared/position_file.js";
import { commandOf, valuesOf } from "./position_values.js";

const LINES = ["title", "openings", "pay_min", "pay_max", "base", "place", "shift", "rest", "education", "employment_type", "benefits"];
const NUMBERS = new Set(["openings", "pay_min", "pay_max", "base"]);

function faultWords(error) {
  const why = error.code === "position_faulty" && error.params.why;
  return why && has(`why.${why}`) ? t("desk.position_faulty", { why: t(`why.${why}`) }) : refusalText(error);
}

export function PositionForm({ link, file, onClose, onSaved }) {
  const [values, setValues] = useState(() => valuesOf(file.position));
  const { busy, sentence, attempt } = useAttempt(link, { words: faultWords });
  const set = (name) => (value) => setValues((old) => ({ ...old, [name]: value }));

  function save(event) {
    event.preventDefault();
    attempt(commandOf(file.position, values), { done: (reply) => onSaved(reply.review || "approved"), close: onClose });
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
      ${sentence && html`<p class="field__error" role="alert" data-test="position-error">${sentence}</p>`}
      <${Button} kind="main" wide type="submit" busy=${busy} data-test="position-save">${t("desk.position_save")}<//>
    </form>
  <//>`;
}
