// Tells the hub which steps this page has shown, so that they need not go out to the phone as a message.
//
//   const seen = createSeen((command) => link.send(command));
//   seen.shows(applications)      they stand before somebody's eyes now; steps told before are not told again

import { LIMITS } from "../shared/protocol.js";

export function createSeen(send, visible = () => document.visibilityState === "visible") {
  const told = new Map();

  function shows(applications) {
    if (!visible()) return;
    const fresh = applications.filter((item) => item.steps && item.steps.length > Math.max(1, told.get(item.id) || 0));
    for (let start = 0; start < fresh.length; start += LIMITS.SEEN_LIMIT) {
      const some = fresh.slice(start, start + LIMITS.SEEN_LIMIT);
      for (const item of some) told.set(item.id, item.steps.length);
      send({ t: "saw", applications: some.map((item) => ({ application: item.id, steps: item.steps.length })) }).catch(() => {
        // Said again with the next step, or the phone is told: nothing is lost.
        for (const item of some) told.delete(item.id);
      });
    }
  }

  return { shows };
}
