// A command a person waits for: sent now, again with the same key while the refusal is temporary, for 15 s at most.
// Unlike the outbox it gives up: a card shown two minutes late would be worse than a sentence that says it was not.
//
//   const reply = await perform(link, { t: "show_card", session, position });      throws RefusalError

import { asToldMs } from "./link.js";
import { makeKey } from "./outbox.js";

const GIVE_UP_MS = 15_000;
const PAUSE_MS = 600;

export async function perform(link, command, { now = Date.now, wait = pause, newKey = makeKey } = {}) {
  const begun = now();
  const keyed = { ...command, key: newKey() };
  for (;;) {
    try {
      return await link.send(keyed);
    } catch (error) {
      const delay = Math.max(PAUSE_MS, asToldMs(error.params && error.params.retry_ms));
      if (!error.temporary || now() - begun + delay > GIVE_UP_MS) throw error;
      await wait(delay);
    }
  }
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
