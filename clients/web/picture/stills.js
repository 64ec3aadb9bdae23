// A small picture of the room every few seconds, where the moving one is not to be had or not wished for.

import { addressOf } from "../shared/far.js";
import { html, useEffect, useState } from "../shared/components.js";

const EVERY_MS = 10_000;

/** The same address for everybody within `every_ms`: caches answer most of them. */
export function stillAddress(session, now_ms, every_ms = EVERY_MS) {
  return `${addressOf(session, "/hls/")}/still.jpg?n=${Math.floor(now_ms / every_ms)}`;
}

/** Shows nothing while there is none (a rehearsal, a picture that has just begun). */
export function Still({ session, every_ms = EVERY_MS, alt = "", ...rest }) {
  const [now, setNow] = useState(Date.now());
  const [there, setThere] = useState(false);
  useEffect(() => {
    const timer = setInterval(() => !document.hidden && setNow(Date.now()), every_ms);
    return () => clearInterval(timer);
  }, [every_ms]);
  return html`<img
    class="still"
    src=${stillAddress(session, now, every_ms)}
    alt=${alt}
    hidden=${!there}
    onLoad=${() => setThere(true)}
    onError=${() => setThere(false)}
    data-test="still"
    ...${rest}
  />`;
}
