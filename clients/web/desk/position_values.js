// A position as the fields of its form, and the fields as the command that saves them. Pure.

const text = (value) => (value === null || value === undefined ? "" : String(value));

export function valuesOf(position) {
  return {
    title: text(position.title),
    openings: position.openings ? text(position.openings) : "",
    pay_min: text(position.pay_min_yuan),
    pay_max: text(position.pay_max_yuan),
    base: text(position.base_yuan),
    unit: position.pay_unit || "month",
    negotiable: Boolean(position.pay_negotiable),
    place: text(position.place),
    shift: text(position.shift),
    rest: text(position.rest),
    education: text(position.education),
    employment_type: text(position.employment_type),
    benefits: (position.benefits || []).join("、"),
    duties: text(position.duties),
    requirements: text(position.requirements),
    valid_until: text(position.valid_until),
  };
}

/** A whole number out of what was typed (4,500 元 is 4500, full-width digits too), or null. */
export function numberOf(value) {
  const digits = text(value).normalize("NFKC").replace(/[^0-9]/g, "");
  return digits && digits.length <= 7 ? Number(digits) : null;
}

export function commandOf(position, values) {
  const line = (name) => values[name].trim();
  const [low, high, base] = [values.pay_min, values.pay_max, values.base].map(numberOf);
  const swapped = low !== null && high !== null && low > high;
  return {
    t: "edit_position",
    position: position.id,
    version: position.version || 1,
    title: line("title"),
    place: line("place"),
    openings: numberOf(values.openings) || 0,
    base_yuan: base,
    pay_min_yuan: swapped ? high : low,
    pay_max_yuan: swapped ? low : high,
    pay_unit: values.unit,
    pay_negotiable: values.negotiable,
    shift: line("shift"),
    rest: line("rest"),
    education: line("education"),
    employment_type: line("employment_type"),
    benefits: values.benefits.split(/[、，,；;\s]+/).filter(Boolean).slice(0, 20),
    duties: line("duties"),
    requirements: line("requirements"),
    valid_until: values.valid_until,
  };
}
