// The enterprises this person answers for: names, and how many applicants wait in each.
//
//   const firms = useFirms(ids, link);   {ids, names: Map, positions: Map of lists, waiting: Map, setWaiting(id, count)}

import { getJson } from "../shared/api.js";
import { useCallback, useEffect, useState } from "../shared/components.js";

/** A specialist has up to some hundred enterprises, a connection five commands a second; most of them stay free. */
const ASK_EVERY_MS = 500;

export function useFirms(ids, link) {
  const [names, positions] = useNames(ids);
  const [waiting, setWaiting] = useWaiting(ids, link);
  return { ids, names, positions, waiting, setWaiting };
}

/** Names and positions of the enterprises; one that does not come leaves the page usable. */
function useNames(ids) {
  const [names, setNames] = useState(new Map());
  const [positions, setPositions] = useState(new Map());
  useEffect(() => {
    let mine = true;
    ids.forEach((id) =>
      getJson(`/api/enterprises/${encodeURIComponent(id)}`).then(
        (answer) => {
          if (!mine) return;
          setNames((known) => new Map(known).set(id, answer.enterprise.name));
          setPositions((known) => new Map(known).set(id, answer.positions || []));
        },
        () => undefined,
      ),
    );
    return () => {
      mine = false;
    };
  }, []);
  return [names, positions];
}

/** How many wait in each of several enterprises, asked one after the other when the page opens. */
function useWaiting(ids, link) {
  const [counts, setCounts] = useState(new Map());
  const setCount = useCallback((id, count) => setCounts((known) => new Map(known).set(id, count)), []);
  useEffect(() => {
    let mine = true;
    async function ask() {
      for (const id of ids) {
        const answer = await link.send({ t: "list_applications", enterprise: id, limit: 1 }).catch(() => null);
        if (!mine) return;
        if (answer) setCount(id, answer.waiting || 0);
        await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
      }
    }
    if (ids.length > 1) ask();
    return () => {
      mine = false;
    };
  }, []);
  return [counts, setCount];
}
