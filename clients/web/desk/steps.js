// Which answers an application may get next: the table of `server/core/rules.py` (`_ANSWERS`), for the buttons only.
// The hub decides; a button that slipped through is refused there with `step_not_allowed`.

const OPEN = ["applied", "viewed", "contacted", "interview", "intent", "hired"];

export const FROM = Object.freeze({
  contacted: ["applied", "viewed", "contacted", "unsuitable", "filled"],
  interview: ["applied", "viewed", "contacted", "interview", "unsuitable", "filled"],
  intent: ["applied", "viewed", "contacted", "interview", "unsuitable", "filled"],
  hired: ["viewed", "contacted", "interview", "intent"],
  at_work: ["intent", "hired"],
  unsuitable: OPEN,
  filled: OPEN,
});

/** Every answer, in the order the buttons stand. */
export const ANSWERS = Object.freeze(Object.keys(FROM));

/** Whether an application at `now` may be answered with `wanted`. */
export function mayStep(now, wanted) {
  return Boolean(FROM[wanted] && FROM[wanted].includes(now));
}

/** The answers that are possible at `now`. */
export function stepsFrom(now) {
  return ANSWERS.filter((wanted) => mayStep(now, wanted));
}

// `_CALLED` of `rules.py`: a call may be written down without moving the application.
const CALLED = ["contacted", "interview", "intent", "hired"];

/** Whether what became of a call may be told at `now`. */
export function mayLogCall(now) {
  return mayStep(now, "contacted") || CALLED.includes(now);
}
