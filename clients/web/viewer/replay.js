// A session that is over, seen again: the recording with the browser's own controls, and the positions it explains.

import { getJson } from "../shared/api.js";
import { Button, html, useEffect, useRef, useState } from "../shared/components.js";
import { formatDuration } from "../shared/format.js";
import { t } from "../shared/i18n.js";

const NATIVE = "application/vnd.apple.mpegurl";

/** Shows nothing where nothing was recorded. */
export function Replay({ session }) {
  const [about, setAbout] = useState(null);
  const [from, setFrom] = useState(null);
  useEffect(() => {
    let mine = true;
    getJson(`/api/sessions/${encodeURIComponent(session)}/replay`).then((found) => mine && setAbout(found), () => undefined);
    return () => {
      mine = false;
    };
  }, [session]);
  if (!about || !about.duration_s) return null;
  return html`<div class="replay" data-test="replay">
    ${from === null
      ? html`<${Button} kind="main" wide onClick=${() => setFrom({ second: 0 })} data-test="replay-play">${t("replay.play", { length: formatDuration(about.duration_s * 1000) })}<//>`
      : html`<${Film} session=${session} from=${from} />`}
    ${(about.chapters || []).length > 0 &&
    html`<details class="replay__chapters" open=${from !== null}>
      <summary>${t("replay.chapters", { n: about.chapters.length })}</summary>
      <ol>
        ${about.chapters.map(
          (one) => html`<li key=${one.from_ms}>
            <${Button} kind="plain" class="replay__chapter" onClick=${() => setFrom({ second: one.second })} data-test="replay-chapter" data-position=${one.position}>
              <span class="num quiet">${formatDuration(one.second * 1000)}</span> <span class="num">${one.number}</span> ${one.title}
            <//>
          </li>`,
        )}
      </ol>
    </details>`}
  </div>`;
}

/** 看讲解: the last explanation of one position, a little later than it ended. */
export function Clip({ session, position }) {
  const [chapter, setChapter] = useState(null);
  const [open, setOpen] = useState(false);
  useEffect(() => {
    let mine = true;
    getJson(`/api/sessions/${encodeURIComponent(session)}/replay`).then(
      ({ chapters = [] }) => mine && setChapter(chapters.filter((one) => one.position === position).pop() || null),
      () => undefined,
    );
    return () => {
      mine = false;
    };
  }, [session, position]);
  if (!chapter) return null;
  if (open) return html`<${Film} session=${session} from=${{ second: 0 }} clip=${chapter} />`;
  return html`<${Button} kind="quiet" onClick=${() => setOpen(true)} data-test="clip-open">
    ${t("replay.clip", { length: formatDuration(chapter.to_ms - chapter.from_ms) })}
  <//>`;
}

function Film({ session, from, clip }) {
  const video = useRef(null);
  const [trouble, setTrouble] = useState(false);
  // A tap led here, so sound is allowed; where not, the controls are there. Attaching a source ends a play before it.
  const play = () => video.current && video.current.play().catch(() => undefined);
  useEffect(() => {
    const element = video.current;
    const part = clip ? `?from_ms=${clip.from_ms}&to_ms=${clip.to_ms}` : "";
    const address = `/replay/${encodeURIComponent(session)}/index.m3u8${part}`;
    let hls = null;
    let open = true;
    async function load() {
      const { default: Hls } = await import("../vendor/hls.js");
      if (!open) return;
      if (Hls.isSupported()) {
        hls = new Hls({ enableWorker: false, startPosition: from.second, maxBufferLength: 20 });
        hls.on(Hls.Events.ERROR, (_, data) => data.fatal && setTrouble(true));
        hls.loadSource(address);
        hls.on(Hls.Events.MANIFEST_PARSED, play);
        hls.attachMedia(element);
      } else if (element.canPlayType(NATIVE)) {
        element.src = address;
        element.currentTime = from.second;
        play();
      } else {
        setTrouble(true);
      }
    }
    load().catch(() => setTrouble(true));
    return () => {
      open = false;
      if (hls) hls.destroy();
    };
  }, [session]);
  useEffect(() => {
    video.current.currentTime = from.second;
    play();
  }, [from]);
  return html`<div class="replay__picture"><video ref=${video} class="player__video" controls playsinline aria-label=${t("room.picture")} data-test="replay-video"></video></div>
    ${trouble && html`<p class="replay__trouble" role="alert">${t("replay.trouble")}</p>`}`;
}
