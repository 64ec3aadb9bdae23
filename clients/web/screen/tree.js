// The region tree and its numbers. Pure: branches come as sums, from `overview` and `pulse/REGION`.

export const NUMBER_NAMES = Object.freeze(["live", "online", "cards", "applications", "intents"]);

const ZERO = Object.freeze({ live: 0, online: 0, cards: 0, applications: 0, intents: 0 });

/** Numbers as sent (zeros are left out on the wire) with every field present. */
export function filled(numbers) {
  return { ...ZERO, ...numbers };
}

/** code -> numbers, from a list of `RegionNumbers`. Lines that did not change may be absent from a pulse. */
export function merged(known, lines) {
  const next = new Map(known);
  for (const line of lines) next.set(line.region, filled(line.numbers));
  return next;
}

/** code -> the codes right below it, in code order, units without a standard code last. */
export function childrenOf(regions) {
  const below = new Map();
  for (const region of regions) {
    if (!region.parent) continue;
    if (!below.has(region.parent)) below.set(region.parent, []);
    below.get(region.parent).push(region.code);
  }
  for (const codes of below.values()) codes.sort(byCode);
  return below;
}

function byCode(a, b) {
  const standard = (code) => (/^\d+$/.test(code) ? 0 : 1);
  return standard(a) - standard(b) || (a < b ? -1 : a > b ? 1 : 0);
}

/** The branch below `root`, itself first, as rows {region, depth, below, open} for a table; closed branches fold. */
export function rowsOf(regions, root, opened) {
  const byCodeOf = new Map(regions.map((region) => [region.code, region]));
  const below = childrenOf(regions);
  const rows = [];
  const walk = (code, depth) => {
    const region = byCodeOf.get(code);
    if (!region || depth > 8) return;
    const under = below.get(code) || [];
    const open = opened.has(code);
    rows.push({ region, depth, below: under.length, open });
    if (open) for (const child of under) walk(child, depth + 1);
  };
  walk(root, 0);
  return rows;
}

/** All codes of the branch, its root among them. */
export function branchOf(regions, root) {
  const below = childrenOf(regions);
  const codes = new Set();
  const walk = (code) => {
    if (codes.has(code)) return;
    codes.add(code);
    for (const child of below.get(code) || []) walk(child);
  };
  walk(root);
  return codes;
}

/** A unit's own numbers: its branch less the branches below it (a city's hall beside its counties' halls). */
export function ownNumbers(numbers, below, code) {
  const own = { ...filled(numbers.get(code)) };
  for (const child of below.get(code) || []) {
    const part = filled(numbers.get(child));
    for (const name of NUMBER_NAMES) own[name] -= part[name];
  }
  for (const name of NUMBER_NAMES) own[name] = Math.max(0, own[name]); // a pulse may come between two counts
  return own;
}

/** 长春市 -> 长春, 前郭尔罗斯蒙古族自治县 -> 前郭, 长白山保护开发区 -> 长白山: names as people here say them. */
export function shortName(name) {
  if (name.startsWith("长白山")) return "长白山";
  const bare = name.replace(/(朝鲜族|满族|蒙古族|回族)?自治[州县]$/, "").replace(/[省市县区]$/, "");
  const plain = bare.length >= 1 ? bare : name;
  if (plain.length === 1) return name; // 洮北 is two; a name of one letter keeps its 县
  return plain.length > 3 ? plain.slice(0, 2) : plain;
}

/** Numbers in full: an operator compares them, so 1.2万 will not do. */
export function exact(value) {
  return value.toLocaleString("en");
}

/** code -> short name; where two units would be called the same (通化市, 通化县), the county keeps its whole name. */
export function shortNames(units) {
  const counts = new Map();
  for (const unit of units) counts.set(shortName(unit.name), (counts.get(shortName(unit.name)) || 0) + 1);
  return new Map(
    units.map((unit) => {
      const short = shortName(unit.name);
      return [unit.code, counts.get(short) > 1 && unit.level === "county" ? unit.name : short];
    }),
  );
}
