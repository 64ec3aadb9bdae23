// One room of the wall, large and live, a second behind.

import { Button, Sheet, html, useEffect, useRef, useState } from "../shared/components.js";
import { t } from "../shared/i18n.js";
import { openLive } from "../shared/mse.js";
import { CutOffSheet } from "./cut_off.js";

const WORDS = { connecting: "wall.connecting", waiting: "wall.waiting", away: "wall.away", none: "wall.cannot", refused: "wall.refused" };

export function PictureView({ tile, account, link, words, onClose }) {
  const video = useRef(null);
  const [state, setState] = useState("connecting");
  const [muted, setMuted] = useState(true);
  const [cutting, setCutting] = useState(false);
  useEffect(() => {
    video.current.muted = true;
    const live = openLive({ account, session: tile.session, video: video.current, tell: setState, now: link.serverNow });
    return () => live.close();
  }, [tile.session]);
  function hear() {
    video.current.muted = !muted;
    setMuted(!muted);
  }
  if (cutting) return html`<${CutOffSheet} session=${{ id: tile.session, title: tile.title, venue_name: tile.title }} link=${link} onClose=${() => setCutting(false)} />`;
  return html`<${Sheet} title=${tile.title} onClose=${onClose} data-test="wall-view">
    <div class="wall-view stack">
      <div class="wall-view__picture" data-state=${state} data-test="wall-live">
        <video ref=${video} muted autoplay playsinline disableRemotePlayback aria-label=${tile.title} data-test="wall-video"></video>
        ${WORDS[state] && html`<p class="wall-view__words" role="status">${t(WORDS[state])}</p>`}
      </div>
      ${words.map((word) => html`<p key=${word} class="tile-picture__alarm strong">${word}</p>`)}
      <div class="line">
        <${Button} onClick=${hear} aria-pressed=${String(!muted)} data-test="wall-hear">${t(muted ? "wall.hear" : "wall.quiet")}<//>
        <${Button} href=${`/room/${encodeURIComponent(tile.session)}`} target="_blank" rel="noopener">${t("screen.room_open")}<//>
        <${Button} kind="plain" onClick=${() => setCutting(true)} data-test="wall-cut">${t("screen.cut_short")}<//>
      </div>
    </div>
  <//>`;
}
