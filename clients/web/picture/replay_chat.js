// The chat of a replay, in step with it: a line appears when the film gets to the moment it was said.

import { getJson } from "../shared/api.js";
import { html, useEffect, useMemo, useRef, useState } from "../shared/components.js";
import { addressOf } from "../shared/far.js";
import { t } from "../shared/i18n.js";

const STRETCH_MS = 120_000;
const SHOWN = 60;

/** Which stretch holds that moment, and the next one, which is fetched before it is needed. Pure. */
export function stretchesAt(from_ms, to_ms, at_ms) {
  const last = Math.max(0, Math.floor((to_ms - from_ms) / STRETCH_MS));
  const here = Math.min(last, Math.max(0, Math.floor((at_ms - from_ms) / STRETCH_MS)));
  return here < last ? [here, here + 1] : [here];
}

/** The lines that have been said by then, the newest last. `stretches`: Map of number to lines. Pure. */
export function saidBy(stretches, at_ms) {
  return [...stretches.entries()]
    .sort(([a], [b]) => a - b)
    .flatMap(([, lines]) => lines)
    .filter((line) => line.at_ms <= at_ms)
    .slice(-SHOWN);
}

export function ReplayChat({ session, about, at_ms }) {
  const [stretches, setStretches] = useState(new Map());
  const asked = useRef(new Set());
  const box = useRef(null);
  const wanted = stretchesAt(about.from_ms, about.to_ms, at_ms).filter((n) => !asked.current.has(n));

  useEffect(() => {
    for (const number of wanted) {
      asked.current.add(number);
      getJson(`${addressOf(session, "/api/sessions/")}/replay/chat/${number}`).then(
        ({ lines }) => setStretches((old) => new Map(old).set(number, lines)),
        // Asked again when the film is here the next time.
        () => setTimeout(() => asked.current.delete(number), 5_000),
      );
    }
  }, [wanted.join()]);

  const lines = useMemo(() => saidBy(stretches, at_ms), [stretches, Math.floor(at_ms / 400)]);
  const newest = lines.length ? lines[lines.length - 1].offset : 0;
  useEffect(() => {
    if (box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [newest]);

  return html`<section class="replay__chat" aria-label=${t("replay.chat")}>
    <h2 class="small quiet">${t("replay.chat")}</h2>
    <ol ref=${box} class="replay__lines" tabindex="0" data-test="replay-chat">
      ${!lines.length && html`<li class="quiet small">${t("replay.chat_none")}</li>`}
      ${lines.map(
        (line) => html`<li key=${line.offset} data-test="replay-line">
          <span class="quiet">${line.name || t("chat.somebody", { tag: String(line.author || "").slice(-4) })}${t("list.colon")}</span>${line.text}
        </li>`,
      )}
    </ol>
  </section>`;
}
