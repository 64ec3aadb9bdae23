// What belongs to a step of an application beside its name, as the lines a person reads: what became of a call, when
// and where an interview is, why somebody does not fit, who said so.
//
//   stepLines(step, now_ms)    ["电话没有接通", "专员代回复"]

import { formatWhen } from "./format.js";
import { t } from "./i18n.js";

export function stepLines(step, nowMs) {
  return [
    step.outcome && t(`step.${step.outcome}`),
    step.interview_at_ms && t("step.interview_at", { when: formatWhen(step.interview_at_ms, nowMs) }),
    step.place && t("step.place", { place: step.place }),
    step.reason && t(`step.reason_${step.reason}`),
    step.note,
    step.by_specialist && t("step.by_specialist"),
  ].filter(Boolean);
}
