// One joined channel as the page knows it: where it stands in the log and what to hand on, in order, once.
//
// Pure: no socket, no clock, no DOM, so that node tests it (tests/web/channel.test.mjs). link.js drives it.
//
// A channel stands at {epoch, offset}. "Complete" kinds (stage, desk, firm, me, area, house) get every entry exactly
// once in order: a push is handed on when its offset is last + 1, dropped when it is older, and any gap, foreign epoch
// or higher top asks for a join with `since`. Chat is best effort: an entry is handed on unless it was seen already.
// Pulse keeps no place at all.
//
// Every method returns {deliver: [...], join: null | {channel, since?}}. What is delivered is either
//   {reset: true, snapshot, entries, offset}   throw away what you had, start from here
//   {entry: {offset, at_ms, body}}             the next entry
// and `join` is the command to send now, if any.

export const COMPLETE_KINDS = new Set(["stage", "desk", "firm", "me", "area", "watch", "house"]);

/** Pushes held while a join is under way; more than that and the join after it fetches them anyway. */
const HELD_LIMIT = 1000;
/** Chat offsets remembered to tell repeats: more than CHAT_BACKLOG and any batch. */
const SEEN_LIMIT = 512;

const NOTHING = Object.freeze({ deliver: Object.freeze([]), join: null });

/** @param {string} name KIND/SUBJECT */
export function createChannel(name) {
  const kind = name.split("/", 1)[0];
  const complete = COMPLETE_KINDS.has(kind);
  /** @type {string | null} */
  let epoch = null;
  let offset = 0;
  let joining = false;
  let joined = false;
  let startAfresh = false;
  let held = [];
  let seen = new Set();

  function want() {
    const since = epoch !== null && !startAfresh && kind !== "pulse" ? { epoch, offset } : null;
    return since ? { channel: name, since } : { channel: name };
  }

  function askAgain() {
    if (joining) return null;
    joining = true;
    return { t: "join", ...want() };
  }

  function remember(at) {
    seen.add(at);
    if (seen.size > SEEN_LIMIT) seen.delete(seen.values().next().value);
  }

  /** Entries in order, without what was handed on before. `gap` is true where one is missing. */
  function take(entries) {
    const deliver = [];
    for (const entry of entries) {
      if (complete) {
        if (entry.offset <= offset) continue;
        if (entry.offset !== offset + 1) return { deliver, gap: true };
      } else {
        if (seen.has(entry.offset)) continue;
        remember(entry.offset);
      }
      offset = Math.max(offset, entry.offset);
      deliver.push({ entry });
    }
    return { deliver, gap: false };
  }

  function releaseHeld() {
    const waiting = held.filter((push) => push.epoch === epoch).sort((a, b) => a.offset - b.offset);
    held = [];
    const { deliver, gap } = take(waiting.map(({ offset, at_ms, body }) => ({ offset, at_ms, body })));
    return { deliver, join: gap ? askAgain() : null };
  }

  return {
    name,
    kind,
    complete,

    /** Where the channel stands: {epoch, offset}, epoch null before the first join. */
    get position() {
      return { epoch, offset };
    },
    get joined() {
      return joined;
    },

    /** The `wants` line of a catch_up, or the fields of a join. */
    want,

    /** A connection is there: the join to send. */
    connect() {
      joining = false;
      joined = false;
      held = [];
      return { deliver: [], join: askAgain() };
    },

    /** The connection is gone; where we stand is kept. */
    cut() {
      joining = false;
      joined = false;
      held = [];
      return NOTHING;
    },

    /** The answer to a join (or one of `caught_up`). */
    onJoined(message) {
      joining = false;
      joined = true;
      const entries = message.entries || [];
      if (message.recovered && message.epoch === epoch && !startAfresh) {
        const { deliver, gap } = take(entries);
        if (gap || (complete && offset < message.offset)) {
          // A hub that says "recovered" and leaves a hole: never show a hole, start afresh.
          startAfresh = true;
          return { deliver, join: askAgain() };
        }
        offset = Math.max(offset, message.offset);
        const rest = releaseHeld();
        return { deliver: [...deliver, ...rest.deliver], join: rest.join };
      }
      startAfresh = false;
      epoch = message.epoch;
      offset = message.offset;
      seen = new Set();
      for (const entry of entries) remember(entry.offset);
      const reset = { reset: true, snapshot: message.snapshot || null, entries, offset };
      const rest = releaseHeld();
      return { deliver: [reset, ...rest.deliver], join: rest.join };
    },

    /** The join was refused or not answered: it may be asked again. */
    onJoinFailed() {
      joining = false;
      return NOTHING;
    },

    /** A publication. */
    onPush(push) {
      if (joining || epoch === null) {
        if (held.length >= HELD_LIMIT) held.shift();
        held.push(push);
        return NOTHING;
      }
      if (push.epoch !== epoch) return { deliver: [], join: askAgain() };
      const { deliver, gap } = take([{ offset: push.offset, at_ms: push.at_ms, body: push.body }]);
      if (!gap) return { deliver, join: null };
      held.push(push);
      return { deliver, join: askAgain() };
    },

    /** The last offset as a `ping` knows it. */
    onTop(top) {
      if (!complete || !joined || joining || top <= offset) return NOTHING;
      return { deliver: [], join: askAgain() };
    },

    /** `restart`: what we know cannot be continued there. */
    onRestart() {
      startAfresh = true;
      joining = false;
      return { deliver: [], join: askAgain() };
    },
  };
}
