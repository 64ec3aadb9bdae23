// Chapters of a recording: which position was explained when.

/** The chapter of that moment, or null. */
export function explainedAt(chapters, at_ms) {
  return chapters.find((one) => one.from_ms <= at_ms && at_ms < one.to_ms) || null;
}
