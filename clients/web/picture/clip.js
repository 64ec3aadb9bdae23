// 看讲解: the last explanation of one position, a little later than it ended; played here, or kept as a file.

import { getJson } from "../shared/api.js";
import { Button, html, useEffect, useState } from "../shared/components.js";
import { addressOf } from "../shared/far.js";
import { formatDuration } from "../shared/format.js";
import { t } from "../shared/i18n.js";
import { Film } from "./film.js";
import { partsReady } from "./parts.js";

export function Clip({ session, position }) {
  const [chapter, setChapter] = useState(null);
  const [open, setOpen] = useState(false);
  useEffect(() => {
    let mine = true;
    Promise.all([getJson(`${addressOf(session, "/api/sessions/")}/replay`), partsReady()]).then(
      ([{ chapters = [] }]) => mine && setChapter(chapters.filter((one) => one.position === position).pop() || null),
      () => undefined,
    );
    return () => {
      mine = false;
    };
  }, [session, position]);
  if (!chapter) return null;
  return html`<div class="clip">
    ${open
      ? html`<${Film} session=${session} from=${{ second: 0 }} clip=${chapter} />`
      : html`<${Button} kind="quiet" onClick=${() => setOpen(true)} data-test="clip-open">${t("replay.clip", { length: formatDuration(chapter.to_ms - chapter.from_ms) })}<//>`}
    <${Button} kind="plain" href=${clipAddress(session, chapter)} download=${""} data-test="clip-download">${t("replay.download")}<//>
  </div>`;
}

export function clipAddress(session, chapter) {
  return `${addressOf(session, "/replay/")}/clip-${chapter.from_ms}.mp4`;
}
