// What came in lately: applications as `desk/` announces them, and how many a minute that makes.

export const KEPT = 200; // arrivals kept for the list; the true total comes with each of them
export const MINUTE_MS = 60_000;

export const NONE = Object.freeze({ total: 0, arrivals: [] });

/** The tally after an `application_came`. `total` never runs backwards, whatever arrives late. */
export function arrived(tally, body, at_ms, offset) {
  if (tally.arrivals.some((one) => one.offset === offset)) return tally;
  const arrivals = [{ position: body.position, at_ms, offset }, ...tally.arrivals]
    .sort((a, b) => b.offset - a.offset)
    .slice(0, KEPT);
  return { total: Math.max(tally.total, body.total), arrivals };
}

/** The tally with a total learnt elsewhere (the snapshot, the pulse). */
export function totalled(tally, total) {
  return total > tally.total ? { ...tally, total } : tally;
}

/** Arrivals within the last minute before `now_ms`. */
export function perMinute(arrivals, now_ms) {
  return arrivals.filter((one) => one.at_ms > now_ms - MINUTE_MS).length;
}

/** How many came for each position, of those kept. */
export function byPosition(arrivals) {
  const counts = new Map();
  for (const one of arrivals) counts.set(one.position, (counts.get(one.position) || 0) + 1);
  return counts;
}

/** 0:05, 12:30, 1:02:03: a span of time as a clock on the wall shows it. */
export function clock(span_ms) {
  const s = Math.max(0, Math.floor(span_ms / 1000));
  const two = (n) => String(n).padStart(2, "0");
  const hours = Math.floor(s / 3600);
  const rest = `${Math.floor(s / 60) % 60}:${two(s % 60)}`;
  return hours ? `${hours}:${rest.padStart(5, "0")}` : rest;
}
