// The moment of a day and a time as the fields give them: Beijing time, whatever the device is set to. Pure.

/** ms UTC, or 0 where one of them is missing or none. */
export function beijingMs(day, time) {
  if (!/^\d{4}-\d\d-\d\d$/.test(day) || !/^\d\d:\d\d/.test(time)) return 0;
  const at = Date.parse(`${day}T${time.slice(0, 5)}:00+08:00`);
  return Number.isFinite(at) ? at : 0;
}
