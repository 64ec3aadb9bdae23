// 我的企业 as a list one can work through: found by a word, sorted, counted. Pure.
//
//   shownFirms(firms, {words, show, order})    the rows
//   countsOf(firms)                            {all, waiting, people, never, oldest_at_ms}
//   nextFirm(firms, id)                        whose people wait longest, other than in that one; null for nobody

export const SHOWS = ["all", "waiting", "never"];
export const ORDERS = ["care", "longest", "most", "name"];

const waits = (firm) => (firm.waiting || 0) > 0;
const never = (firm) => !firm.signed_in_at_ms;
const byName = (a, b) => a.name.localeCompare(b.name, "zh-CN");
/** Longest first; nobody waits: last. */
const byWait = (a, b) => (a.oldest_at_ms || Infinity) - (b.oldest_at_ms || Infinity) || byName(a, b);

const bySomebody = (a, b) => Number(waits(b)) - Number(waits(a));
const byNever = (a, b) => Number(never(b)) - Number(never(a));

const SORTS = {
  // Where the enterprise's own people never came nobody but the specialist answers.
  care: (a, b) => bySomebody(a, b) || byNever(a, b) || byWait(a, b),
  longest: (a, b) => byWait(a, b),
  most: (a, b) => (b.waiting || 0) - (a.waiting || 0) || byWait(a, b),
  name: byName,
};

const SHOWN = { all: () => true, waiting: waits, never };

export function shownFirms(firms, { words = "", show = "all", order = "care" }) {
  const wanted = words.trim().toLowerCase().split(/\s+/).filter(Boolean);
  return firms.filter((firm) => SHOWN[show](firm) && wanted.every((word) => firm.name.toLowerCase().includes(word))).sort(SORTS[order]);
}

export function countsOf(firms) {
  const busy = firms.filter(waits);
  return {
    all: firms.length,
    waiting: busy.length,
    people: busy.reduce((sum, firm) => sum + firm.waiting, 0),
    never: firms.filter(never).length,
    oldest_at_ms: busy.reduce((oldest, firm) => Math.min(oldest, firm.oldest_at_ms || Infinity), Infinity),
  };
}

export function nextFirm(firms, id) {
  return firms.filter((firm) => waits(firm) && firm.enterprise !== id).sort(byWait)[0] || null;
}
