// The region tree as the portal needs it. Pure.

/** The region and all above it, nearest first: ["220182", "220100", "220000"]. */
export function branchOf(regions, code) {
  const byCode = indexOf(regions);
  const branch = [];
  for (let at = byCode.get(code); at && branch.length < 8; at = byCode.get(at.parent)) branch.push(at.code);
  return branch.length ? branch : [code];
}

/** Names from the city down, without the province: ["长春市", "榆树市"]. */
export function namesOf(regions, code) {
  const byCode = indexOf(regions);
  const path = branchOf(regions, code)
    .map((one) => byCode.get(one))
    .filter((region) => region && region.level !== "province");
  return path.reverse().map((region) => region.name);
}

/** What can be chosen: per city its whole and its counties that have rooms, with the number of rooms. */
export function choices(regions, rooms) {
  const counts = new Map();
  for (const room of rooms) {
    for (const code of branchOf(regions, room.session.region)) counts.set(code, (counts.get(code) || 0) + 1);
  }
  const option = (region) => ({ code: region.code, name: region.name, rooms: counts.get(region.code) });
  const cities = regions.filter((region) => region.level === "city" && counts.has(region.code));
  return cities.map((city) => {
    const counties = regions.filter((region) => region.parent === city.code && counts.has(region.code));
    return { code: city.code, name: city.name, options: [option(city), ...counties.map(option)] };
  });
}

const RANK = { live: 0, interrupted: 1, scheduled: 2, ended: 3 };

/** Live first, and among the live those with most viewers; otherwise as the fair lists them. */
export function sortRooms(rooms) {
  const rank = (room) => RANK[room.session.state || "scheduled"];
  const online = (room) => (room.numbers && room.numbers.online) || 0;
  return rooms
    .map((room, index) => ({ room, index }))
    .sort((a, b) => rank(a.room) - rank(b.room) || online(b.room) - online(a.room) || a.index - b.index)
    .map(({ room }) => room);
}

const indexes = new WeakMap();

function indexOf(regions) {
  if (!indexes.has(regions)) indexes.set(regions, new Map(regions.map((region) => [region.code, region])));
  return indexes.get(regions);
}

/** Session id to state, of the sessions a snapshot of area/ holds. */
export function statesOf(sessions) {
  return Object.fromEntries(sessions.map((session) => [session.id, session.state || "scheduled"]));
}

/** The rooms with the states the area/ channel told: it is complete and in order, an answer over HTTP may be a second old. */
export function withStates(rooms, states) {
  return rooms.map((room) => {
    const state = states[room.session.id];
    if (!state || state === (room.session.state || "scheduled")) return room;
    return { ...room, session: { ...room.session, state }, card: state === "ended" ? null : room.card };
  });
}
