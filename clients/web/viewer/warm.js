// What the first page needs, asked for before it is drawn: what the server wrote stays until then, and nothing flashes.
//
//   await warmUp(place)   place: route.js placeOf; never fails, and does not take longer than WARM_MS
//   takeWarm("portal")    what was fetched, once; null when there is nothing (any more)

import { getJson } from "../shared/api.js";

const WARM_MS = 3_000;
const found = {};

export async function loadPortal() {
  const [fair, regions] = await Promise.all([getJson("/api/fair"), getJson("/api/regions")]);
  return { ...fair, regions: regions.regions || [] };
}

export function loadPosition(address) {
  return getJson(`/api/${address}`);
}

export function warmUp({ session, position }) {
  if (session) return Promise.resolve();
  const [name, load] = position ? [position, () => loadPosition(position)] : ["portal", loadPortal];
  const fetched = load().then(
    (data) => {
      found[name] = data;
    },
    // The page asks again itself and says what is wrong.
    () => undefined,
  );
  return Promise.race([fetched, new Promise((done) => setTimeout(done, WARM_MS))]);
}

export function takeWarm(name) {
  const data = found[name] || null;
  delete found[name];
  return data;
}
