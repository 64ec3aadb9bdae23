// The live picture in its place. Card and chat do not wait for it, and nothing needed for applying lies over it.

import { Button, html, useEffect, useRef, useState } from "../shared/components.js";
import { t } from "../shared/i18n.js";
import { playhead } from "./instep.js";
import { createPlaying } from "./playing.js";

/** `live`: what the hub says of the picture: "on", "paused" or "gone". */
export function Player({ session, live }) {
  const video = useRef(null);
  const playing = useRef(null);
  const [state, setState] = useState("loading");
  const [muted, setMuted] = useState(true);

  useEffect(() => {
    // An attribute alone does not mute an element that a script made.
    video.current.muted = true;
    for (const name of ["webkit-playsinline", "x5-playsinline"]) video.current.setAttribute(name, "");
    playing.current = createPlaying(video.current, { session, tell: setState });
    playhead.read = playing.current.at_ms;
    return () => {
      playhead.read = () => null;
      playing.current.close();
    };
  }, [session]);

  function hear() {
    video.current.muted = false;
    setMuted(false);
    playing.current.play();
  }

  const words = live === "on" ? { loading: "player.loading", full: "player.full", none: "player.none" }[state] : `player.${live}`;
  return html`<div class="player" data-test="player" data-state=${state} data-live=${live}>
    <video ref=${video} class="player__video" muted playsinline disableRemotePlayback aria-label=${t("room.picture")} data-test="video"></video>
    ${words && html`<p class="player__words" role="status" data-test="player-words">${t(words)}</p>`}
    ${state === "blocked" && html`<${Button} kind="main" class="player__tap" onClick=${hear} data-test="player-play">${t("player.play")}<//>`}
    ${state === "playing" && muted && html`<${Button} class="player__tap player__tap--low" onClick=${hear} data-test="player-sound">${t("player.sound")}<//>`}
  </div>`;
}
