// The enterprises this person answers for: how many applicants wait in each and since when, asked for at once and again
// while somebody looks; and the positions of the one that is open.
//
//   const firms = useFirms(ids, link);
//   {ids, list, state, error, again, names: Map, waiting: Map, setWaiting(id, count)}     `list` as `list_firms` gives it
//   usePositions(enterprise)    [] until they came

import { getJson } from "../shared/api.js";
import { useAgain, useCallback, useEffect, useLoad, useMemo, useState } from "../shared/components.js";

const AGAIN_MS = 20_000;

export function useFirms(ids, link) {
  const { state, data, error, again } = useLoad(() => link.send({ t: "list_firms" }), []);
  // What the open list just learned, until the next answer says it too.
  const [newer, setNewer] = useState(new Map());
  useEffect(() => setNewer(new Map()), [data]);
  const setWaiting = useCallback((id, count) => setNewer((known) => new Map(known).set(id, count)), []);
  useAgain(again, ids.length > 1 ? AGAIN_MS : 0);
  const list = useMemo(() => ((data && data.firms) || []).map((firm) => freshened(firm, newer)), [data, newer]);
  const names = useMemo(() => new Map(list.map((firm) => [firm.enterprise, firm.name])), [list]);
  const waiting = useMemo(() => new Map(list.map((firm) => [firm.enterprise, firm.waiting || 0])), [list]);
  return { ids, list, state, error, again, names, waiting, setWaiting };
}

function freshened(firm, newer) {
  const count = newer.get(firm.enterprise);
  if (count === undefined || count === (firm.waiting || 0)) return firm;
  return { ...firm, waiting: count, ...(count ? null : { oldest_at_ms: 0 }) };
}

/** What an enterprise offers; one that does not come leaves the page usable. */
export function usePositions(enterprise) {
  const [positions, setPositions] = useState([]);
  useEffect(() => {
    let mine = true;
    getJson(`/api/enterprises/${encodeURIComponent(enterprise)}`).then(
      (answer) => mine && setPositions(answer.positions || []),
      () => undefined,
    );
    return () => {
      mine = false;
    };
  }, [enterprise]);
  return positions;
}
