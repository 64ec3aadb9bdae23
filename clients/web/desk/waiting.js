// How long a person has waited for an answer, as a colour and as words. Pure: the clock is an argument.

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

// Half of all applicants of the day are opened within 2 h; a day without a word is what the origin complains of.
export const AMBER_AFTER_MS = 2 * HOUR_MS;
export const RED_AFTER_MS = DAY_MS;

const NOBODY_ANSWERED = new Set(["applied", "viewed"]);

/** Whether this person still waits for a word from the enterprise. */
export function isWaiting(status) {
  return NOBODY_ANSWERED.has(status);
}

/** {colour: "green"|"amber"|"red"|"none", unit: "now"|"minutes"|"hours"|"days", count} for an applicant. */
export function waitOf(applicant, now_ms) {
  if (!isWaiting(applicant.status)) return { colour: "none", unit: "now", count: 0 };
  const waited = Math.max(0, now_ms - applicant.applied_at_ms);
  const colour = waited >= RED_AFTER_MS ? "red" : waited >= AMBER_AFTER_MS ? "amber" : "green";
  if (waited < MINUTE_MS) return { colour, unit: "now", count: 0 };
  if (waited < HOUR_MS) return { colour, unit: "minutes", count: Math.floor(waited / MINUTE_MS) };
  if (waited < DAY_MS) return { colour, unit: "hours", count: Math.floor(waited / HOUR_MS) };
  return { colour, unit: "days", count: Math.floor(waited / DAY_MS) };
}
