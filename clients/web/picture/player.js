// The live picture in its place. Card and chat do not wait for it, and nothing needed for applying lies over it.
//
// Rungs, from the top: picture and sound; muted under a large button (browsers refuse sound before a tap); a still and a
// button (they refuse that too); sound and stills (the viewer's wish, or the hub's uplink is full); stills; words.

import { Button, html, useEffect, useRef, useState, useStore } from "../shared/components.js";
import { t } from "../shared/i18n.js";
import { playhead } from "../viewer/instep.js";
import { Captions } from "./captions.js";
import { createPlaying, hasRoom } from "./playing.js";
import { canPop, pop } from "./popping.js";
import { Settings } from "./settings.js";
import { Still } from "./stills.js";
import { wish } from "./wish.js";

const INLINE = ["playsinline", "webkit-playsinline", "x5-playsinline"];
const ROOM_EVERY_MS = 30_000;

/** `live`: what the hub says of the picture: "on", "paused" or "gone". `said`: the newest caption somebody typed. */
export function Player({ session, live, card, said, now }) {
  const { mode, captions } = useStore(wish);
  const video = useRef(null);
  const playing = useRef(null);
  const [state, setState] = useState("loading");
  const [full, setFull] = useState(false);
  const [muted, setMuted] = useState(true);
  const [open, setOpen] = useState(false);
  const rendition = mode === "picture" && full ? "sound" : mode;

  useEffect(() => {
    if (rendition === "none") {
      setState("off");
      return undefined;
    }
    const element = video.current;
    // An attribute alone does not mute an element that a script made.
    element.muted = muted;
    for (const name of INLINE) element.setAttribute(name, "");
    playing.current = createPlaying(element, {
      session,
      rendition,
      now,
      tell: (told) => (told === "full" && rendition === "picture" ? setFull(true) : setState(told)),
    });
    playhead.read = playing.current.at_ms;
    return () => {
      playhead.read = () => null;
      playing.current.close();
      playing.current = null;
    };
  }, [session, rendition]);

  // There may be room for the moving picture again, or for one more who listens.
  useEffect(() => {
    if (!full) return undefined;
    const wait = ROOM_EVERY_MS * (1 + Math.random());
    const timer = setInterval(() => hasRoom(session).then((yes) => yes && setFull(false)), wait);
    return () => clearInterval(timer);
  }, [session, full]);

  function mute(yes) {
    if (video.current) video.current.muted = yes;
    setMuted(yes);
    if (!yes && playing.current) playing.current.play();
  }

  function choose(chosen) {
    wish.choose({ mode: chosen });
    // A tap or a key chose it, so sound is allowed now.
    if (chosen === "sound") mute(false);
    if (chosen === "picture") setFull(false);
  }

  const moving = rendition === "picture" && state === "playing";
  const words = wordsOf({ live, state, rendition, full });
  return html`<div class="player" data-test="player" data-state=${state} data-live=${live} data-mode=${rendition}>
    ${!moving && live !== "gone" && rendition !== "none" && html`<${Still} session=${session} />`}
    ${rendition !== "none" &&
    html`<video ref=${video} class=${`player__video${moving ? "" : " player__video--waits"}`} muted playsinline disableRemotePlayback aria-label=${t("room.picture")} data-test="video"></video>`}
    ${words && html`<p class=${`player__words${words.soft ? " player__words--soft" : ""}`} role="status" data-test="player-words"><span>${t(words.key)}</span></p>`}
    <${Captions} card=${captions && live === "on" ? card : null} said=${said} />
    ${state === "blocked" && html`<${Button} kind="main" class="player__tap" onClick=${() => mute(false)} data-test="player-play">${t(rendition === "sound" ? "player.listen" : "player.play")}<//>`}
    ${state === "playing" && muted && html`<${Button} class="player__tap player__tap--low" onClick=${() => mute(false)} data-test="player-sound">${t("player.sound")}<//>`}
    ${(rendition === "none" || state === "silent") && html`<${Button} class="player__tap player__tap--low" onClick=${() => choose("picture")} data-test="player-on">${t("player.on")}<//>`}
    <button type="button" class="player__more" aria-haspopup="dialog" aria-label=${t("player.settings")} onClick=${() => setOpen(true)} data-test="player-settings">
      <svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="5" cy="12" r="2" /><circle cx="12" cy="12" r="2" /><circle cx="19" cy="12" r="2" /></svg>
    </button>
    ${open &&
    html`<${Settings}
      ...${{ mode, captions, muted }}
      onMute=${() => mute(!muted)}
      onPop=${moving && canPop(video.current) ? () => pop(video.current) : undefined}
      onChoose=${choose}
      onClose=${() => setOpen(false)}
    />`}
  </div>`;
}

/** What is said in the picture; `soft` leaves the still in sight. Pure. */
export function wordsOf({ live, state, rendition, full }) {
  if (live !== "on") return { key: `player.${live}` };
  if (rendition === "none") return { key: "player.off", soft: true };
  if (state === "none") return { key: "player.none" };
  if (state === "full") return { key: "player.stills", soft: true };
  if (state === "silent") return { key: "player.no_sound", soft: true };
  if (rendition === "sound" && state === "playing") return { key: full ? "player.full" : "player.sound_only", soft: true };
  if (state === "loading") return { key: full ? "player.full" : "player.loading", soft: true };
  return null;
}
