// The operator's branch, live: regions, their numbers, the sessions, and how fresh all this is.
//
//   const board = openBoard({ link, root });   board.store   board.load()   board.close()
//   store.state = {phase: "loading"|"ready"|"error"|"refused", error, regions, numbers: Map, sessions: Map, at_ms, stale}

import { getJson } from "../shared/api.js";
import { wayOf } from "../shared/session.js";
import { createStore } from "../shared/store.js";
import { branchOf, merged } from "./tree.js";

// A pulse comes only when a number changed; a minute of quiet is asked about, so that "as of" never lies.
const ASK_AFTER_MS = 15_000;
const CHECK_EVERY_MS = 5_000;

const START = {
  phase: "loading", error: null, regions: [], numbers: new Map(), sessions: new Map(), at_ms: null, stale: false,
};

export function openBoard({ link, root }) {
  const store = createStore(START);
  let heardAt = 0;
  let asking = false;
  let closed = false;

  function fresh(lines, at_ms) {
    heardAt = Date.now();
    store.set((state) => ({ numbers: merged(state.numbers, lines), at_ms: Math.max(at_ms, state.at_ms || 0), stale: false }));
    ready();
  }

  function ready() {
    const { regions, at_ms, phase } = store.state;
    if (phase !== "ready" && regions.length && at_ms !== null) store.set({ phase: "ready", error: null });
  }

  async function overview() {
    if (asking || closed) return;
    asking = true;
    try {
      const answer = await link.send({ t: "overview", region: root });
      if (!closed) fresh(answer.regions, answer.at_ms);
    } catch (error) {
      if (!closed) failed(error);
    } finally {
      asking = false;
    }
  }

  function failed(error) {
    if (store.state.phase === "ready") store.set({ stale: true });
    else if (error.code === "forbidden" || error.code === "not_found") store.set({ phase: "refused", error });
    else store.set({ phase: "error", error });
  }

  async function load() {
    if (store.state.phase !== "ready") store.set({ phase: "loading", error: null });
    try {
      const { regions } = await getJson("/api/regions");
      const branch = branchOf(regions, root);
      if (closed) return;
      store.set({ regions: regions.filter((region) => branch.has(region.code)) });
      ready();
    } catch (error) {
      if (!closed) failed(error);
      return;
    }
    await overview();
  }

  const leave = [
    link.join(`area/${root}`, {
      reset(snapshot) {
        if (snapshot) store.set({ sessions: new Map(snapshot.sessions.map((session) => [session.id, session])) });
        overview();
      },
      entry({ body, at_ms }) {
        if (body.t !== "room_changed") return;
        store.set(({ sessions }) => ({ sessions: changed(sessions, body, at_ms) }));
      },
      refused: (error) => store.set({ phase: "refused", error }),
    }),
    link.join(`pulse/${root}`, { pulse: (body, at_ms) => fresh(body.regions, at_ms), poll: overview }),
  ];
  const unwatch = link.watch(({ phase }) => {
    if (phase === "offline" || phase === "stopped") store.set({ stale: true });
  });
  const check = setInterval(() => {
    const { phase } = link.state;
    if (phase === "open" && Date.now() - heardAt > ASK_AFTER_MS) overview();
  }, CHECK_EVERY_MS);
  load();

  return {
    store,
    load,
    close() {
      closed = true;
      clearInterval(check);
      unwatch();
      leave.forEach((stop) => stop());
    },
  };
}

/** The sessions after a change of one. A session nobody told of yet is left to the next snapshot. */
export function changed(sessions, body, at_ms) {
  const session = sessions.get(body.session);
  if (!session) return sessions;
  return new Map(sessions).set(session.id, wayOf(session, body, at_ms));
}
