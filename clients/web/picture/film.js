// A recording, or a part of one, with the browser's own controls. `onAt(ms)`: capture time of the frame on screen.

import { html, useEffect, useRef, useState } from "../shared/components.js";
import { addressOf } from "../shared/far.js";
import { t } from "../shared/i18n.js";
import { captionFilm } from "./captions.js";

const NATIVE = "application/vnd.apple.mpegurl";
const TELL_EVERY_MS = 400;

/** `from`: {second}, a new object for each wish to be there; `clip`: a chapter, the film of it alone. */
export function Film({ session, from, clip, about, onAt }) {
  const video = useRef(null);
  const [trouble, setTrouble] = useState(false);
  // A tap led here, so sound is allowed; where not, the controls are there. Attaching a source ends a play before it.
  const play = () => video.current && video.current.play().catch(() => undefined);
  useEffect(() => {
    const element = video.current;
    const part = clip ? `?from_ms=${clip.from_ms}&to_ms=${clip.to_ms}` : "";
    const address = `${addressOf(session, "/replay/")}/index.m3u8${part}`;
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
    if (about) captionFilm(element, about.chapters || [], about.duration_s);
    const timer = setInterval(() => {
      const at_ms = atOf(element, hls);
      if (at_ms !== null && onAt) onAt(at_ms);
    }, TELL_EVERY_MS);
    return () => {
      open = false;
      clearInterval(timer);
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

function atOf(video, hls) {
  if (video.readyState < 1) return null;
  if (hls) return hls.playingDate ? hls.playingDate.getTime() : null;
  const began = video.getStartDate && video.getStartDate().getTime();
  return began ? began + video.currentTime * 1000 : null;
}
