// A session that is over, seen again: the recording, the positions it explains, and the chat, all in step.

import { getJson } from "../shared/api.js";
import { Button, Chip, html, useEffect, useState } from "../shared/components.js";
import { addressOf } from "../shared/far.js";
import { formatDuration } from "../shared/format.js";
import { t } from "../shared/i18n.js";
import { formatSpan } from "../shared/span.js";
import { openSheet } from "../viewer/route.js";
import { explainedAt } from "./chapters.js";
import { Film } from "./film.js";
import { partsReady } from "./parts.js";
import { ReplayChat } from "./replay_chat.js";

/** Shows nothing where nothing was recorded. `slots`: the shelf, so that what is explained can be applied for. */
export function Replay({ session, slots }) {
  const [about, setAbout] = useState(null);
  const [from, setFrom] = useState(null);
  const [at_ms, setAt] = useState(0);
  useEffect(() => {
    let mine = true;
    Promise.all([getJson(`${addressOf(session, "/api/sessions/")}/replay`), partsReady()]).then(
      ([found]) => mine && setAbout(found),
      () => undefined,
    );
    return () => {
      mine = false;
    };
  }, [session]);
  if (!about || !about.duration_s) return null;
  const chapters = about.chapters || [];
  const now = explainedAt(chapters, at_ms);
  return html`<div class="replay" data-test="replay">
    ${from === null
      ? html`<${Button} kind="main" wide onClick=${() => setFrom({ second: 0 })} data-test="replay-play">${t("replay.play", { length: formatDuration(about.duration_s * 1000) })}<//>`
      : html`<${Film} session=${session} from=${from} about=${about} onAt=${setAt} />
          <${Now} chapter=${now} slots=${slots} />`}
    <${Holes} holes=${about.holes || []} />
    ${from !== null && at_ms > 0 && html`<${ReplayChat} session=${session} about=${about} at_ms=${at_ms} />`}
    ${chapters.length > 0 &&
    html`<details class="replay__chapters" open=${from !== null}>
      <summary>${t("replay.chapters", { n: chapters.length })}</summary>
      <ol>
        ${chapters.map(
          (one) => html`<li key=${one.from_ms}>
            <${Button} kind="plain" class="replay__chapter" aria-current=${one === now ? "true" : undefined} onClick=${() => setFrom({ second: one.second })} data-test="replay-chapter" data-position=${one.position}>
              <span class="num quiet">${formatDuration(one.second * 1000)}</span> <span class="num">${one.number}</span> ${one.title}
            <//>
          </li>`,
        )}
      </ol>
    </details>`}
  </div>`;
}

/** The position being explained in the film, with the way to apply for it. */
function Now({ chapter, slots }) {
  if (!chapter) return null;
  const slot = (slots || []).find((one) => one.position.id === chapter.position);
  return html`<p class="replay__now line line--apart" data-test="replay-now" data-position=${chapter.position}>
    <span class="line"><${Chip} tone="now">${t("card.explaining")}<//> <span class="strong">${t("card.numbered", { n: chapter.number, title: chapter.title })}</span></span>
    ${slot && html`<${Button} small onClick=${() => openSheet({ kind: "position", slot })} data-test="replay-position">${t("card.details")}<//>`}
  </p>`;
}

/** What is not in the film although something was on air, said plainly. */
function Holes({ holes }) {
  const lost = holes.filter((one) => one.why !== "away");
  if (!lost.length) return null;
  const length = lost.reduce((sum, one) => sum + one.to_ms - one.from_ms, 0);
  const at = lost.map((one) => formatDuration(one.second * 1000)).join(t("list.comma"));
  return html`<p class="replay__holes small quiet" role="note" data-test="replay-holes">${t("replay.holes", { length: formatSpan(length), at })}</p>`;
}
