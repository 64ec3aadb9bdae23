// What somebody asks for in a sheet or on a page: done once at a time, refused in words, and never lost from sight.
//
//   const { busy, error, sentence, attempt, say } = useAttempt(link);
//   attempt({ t: "cut_off", session, reason }, { as: "cut", done: (reply) => toast(…), close: onClose });
//   attempt(() => postJson(address), { refused: (error) => … });      anything else that may be refused; needs no link
//
//   useAttempt(link, { words, aloud })    words(error): the sentence for a refusal; aloud: a toast says it, for want of a place
//
//   busy       the `as` of what is under way (true where none was given), else false
//   error      why the last attempt was refused, null from the next one on; `sentence` is the same in words, else ""
//   say(text)  words of the page's own in its place: what is still missing
//   done, refused    run wherever the person is by then; `close` only while the part is still there
//
// Pressing again meanwhile does nothing. The same command again, after a refusal that says nothing about it (no answer, no
// network), has the key it had: where the first did arrive, the hub counts both as one. Whoever has left the sheet
// meanwhile reads in a toast what was refused.

import { toast, useLayoutEffect, useRef, useState } from "./components.js";
import { refusalText } from "./i18n.js";
import { makeKey } from "./outbox.js";
import { perform } from "./perform.js";

const REST = { busy: false, error: null, said: "" };

export function useAttempt(link, { words = refusalText, aloud = false } = {}) {
  const [now, setNow] = useState(REST);
  const held = useRef({ underWay: false, gone: false, keyFor: keyed() }).current;
  useLayoutEffect(() => () => void (held.gone = true), []);

  async function attempt(what, { as = true, done, close, refused } = {}) {
    if (held.underWay) return null;
    held.underWay = true;
    setNow({ ...REST, busy: as });
    let reply;
    try {
      reply = await (typeof what === "function" ? what() : held.keyFor(what, (newKey) => perform(link, what, { newKey })));
    } catch (error) {
      setNow({ ...REST, error });
      if (aloud || held.gone) toast(words(error), { tone: "look" });
      if (refused) refused(error);
      return null;
    } finally {
      held.underWay = false;
    }
    setNow(REST);
    if (done) done(reply);
    if (close && !held.gone) close();
    return reply;
  }

  const sentence = now.said || (now.error ? words(now.error) : "");
  return { busy: now.busy, error: now.error, sentence, attempt, say: (said) => setNow({ ...REST, said }) };
}

/** Calls `send(newKey)`; the same command gets the key of its last try as long as that one's fate is open. Pure, for the tests. */
export function keyed(make = makeKey) {
  let open = { of: "", key: "" };
  return async (command, send) => {
    const of = JSON.stringify(command);
    if (open.of !== of) open = { of, key: make() };
    const mine = open;
    const settled = () => mine === open && (open = { of: "", key: "" });
    try {
      const reply = await send(() => mine.key);
      settled();
      return reply;
    } catch (error) {
      if (!error.temporary) settled();
      throw error;
    }
  };
}
