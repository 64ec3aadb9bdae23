// A part of the page that is fetched when it is wanted, with its words (LOCALE.later.json), so that opening a room stays
// light. Without the net it is simply not there; what it offers is never needed to apply.
//
//   <${Later} load=${() => import("./later/after.js")} part="After" .../>     the rest goes to the component
//   <${Mine} />    我的投递: a list, so it says that it comes, or that it cannot

import { RefusalError } from "../shared/api.js";
import { ListState, html, useEffect, useState } from "../shared/components.js";
import { addLocale } from "../shared/i18n.js";

const EARLY_MS = 10_000;

export function Later({ load, part, list, ...rest }) {
  const [Part, setPart] = useState(null);
  const [tries, setTries] = useState(0);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let mine = true;
    Promise.all([load(), addLocale("later")]).then(
      ([module]) => mine && setPart(() => module[part]),
      () => mine && setFailed(true),
    );
    return () => {
      mine = false;
    };
  }, [tries]);
  if (Part) return html`<${Part} ...${rest} />`;
  if (!list) return null;
  const again = () => {
    setFailed(false);
    setTries(tries + 1);
  };
  const error = new RefusalError("offline", { temporary: true });
  return html`<${ListState} state=${failed ? "error" : "loading"} error=${error} onRetry=${again} />`;
}

/** 开幕. Its part comes a while after the page, at another moment on each: once it is said, all of them would ask for it
 * together, while the hub tells it to everybody. */
const loadLaunch = () => import("./later/launch.js");
export const Launch = ({ launch }) => html`<${Later} load=${loadLaunch} part="Launch" launch=${launch} />`;
export const fetchLaunch = () =>
  setTimeout(() => Promise.all([loadLaunch(), addLocale("later")]).catch(() => {}), EARLY_MS * (1 + 5 * Math.random()));

export const Mine = () => html`<${Later} load=${() => import("./later/mine.js")} part="Mine" list />`;
