// Cards in step with the picture: a card that was shown at a moment appears when the playhead gets to that moment.
//
//   const step = createInStep(apply);   step.offer(entry)   step.forget()
//   playhead.read = () => ms            the player's: capture time of the frame on screen, on the hub's clock; null for none
//
// Whoever has no picture, or one that stands still, waits for nothing. What is needed to apply is never held back for long:
// MOST_MS at the latest a card is there, and a button acts when it is pressed.

export const MOST_MS = 8_000;
const LOOK_EVERY_MS = 100;
const CARDS = ["card_shown", "card_hidden", "card_undone"];

/** The one picture on the page. */
export const playhead = { read: () => null };

/** Whether an entry that came at `came_ms` is due. Pure. */
export function due(entry, came_ms, at_ms, now_ms) {
  return at_ms === null || at_ms >= entry.at_ms || now_ms - came_ms >= MOST_MS;
}

export function createInStep(apply, { read = () => playhead.read(), now = Date.now, every = setInterval, stop = clearInterval } = {}) {
  let waiting = [];
  let timer = null;

  function look() {
    while (waiting.length && due(waiting[0].entry, waiting[0].came_ms, read(), now())) apply(waiting.shift().entry);
    if (!waiting.length && timer !== null) {
      stop(timer);
      timer = null;
    }
  }

  function flush() {
    for (const { entry } of waiting.splice(0)) apply(entry);
    look();
  }

  return {
    offer(entry) {
      if (!CARDS.includes(entry.body.t)) {
        // The end of a session takes its card away: nothing may come after it that was before it.
        if (entry.body.t === "state_changed") flush();
        apply(entry);
        return;
      }
      waiting.push({ entry, came_ms: now() });
      look();
      if (waiting.length && timer === null) timer = every(look, LOOK_EVERY_MS);
    },
    /** A snapshot came, which holds all that waited; or the room is left. */
    forget() {
      waiting = [];
      look();
    },
  };
}
