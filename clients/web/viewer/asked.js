// What is being looked for, as the address says it: `/?q=焊工&lodging=1&base=2500`. Pure.
//
//   readAsked(search)      {q, region, base, pay, education, flags: ["lodging", …]}
//   searchOf(asked)        "?q=…", "" when nothing is asked; the same text asks the hub
//   isAsked(asked)         whether anything is
//   withFlag(asked, flag)  the same with that flag turned over

export const FLAGS = ["day", "lodging", "couple", "meals", "bus", "live"];
export const CHOICES = ["region", "base", "pay", "education"];

/** Longer texts are refused by the hub (server/core/search/words.py). */
export const WORDS_LIMIT = 200;

export function readAsked(search) {
  const given = new URLSearchParams(search);
  const asked = { q: (given.get("q") || "").slice(0, WORDS_LIMIT), flags: FLAGS.filter((flag) => Number(given.get(flag))), all: given.has("all") };
  for (const name of CHOICES) asked[name] = given.get(name) || "";
  return asked;
}

export function searchOf(asked) {
  const given = new URLSearchParams();
  if (asked.q.trim()) given.set("q", asked.q.trim());
  for (const name of CHOICES) if (asked[name]) given.set(name, asked[name]);
  for (const flag of FLAGS) if (asked.flags.includes(flag)) given.set(flag, "1");
  if (asked.all && ![...given].length) given.set("all", "1");
  const text = given.toString();
  return text && `?${text}`;
}

export function isAsked(asked) {
  return Boolean(asked.all || asked.q.trim() || asked.flags.length || CHOICES.some((name) => asked[name]));
}

export function withFlag(asked, flag) {
  const on = asked.flags.includes(flag);
  return { ...asked, flags: on ? asked.flags.filter((one) => one !== flag) : [...asked.flags, flag] };
}

export const NOTHING_ASKED = Object.freeze(readAsked(""));

/** How many choices stand besides the words. */
export function choicesMade(asked) {
  return CHOICES.filter((name) => asked[name]).length;
}

/** The hall to show with a position, if any: the first is the best (server/core/search/index.py spot_rank). */
export function bestSpot(hit) {
  return (hit.spots || [])[0] || null;
}

/** Where one tap on a position leads: into the hall that explains it now, else to its own page. */
export function pathOf(hit) {
  const spot = bestSpot(hit);
  if (spot && spot.explained) return `/room/${encodeURIComponent(spot.session)}`;
  if (spot) return `/${encodeURIComponent(spot.venue)}/${spot.number}`;
  return `/position/${encodeURIComponent(hit.position.id)}`;
}
