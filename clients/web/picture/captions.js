// The place for words in the picture. What stands there is what the house knows for certain: the position being explained
// and its main facts (要点), as the host put it on the stage. No machine listens to the host.

import { html } from "../shared/components.js";
import { chipsOf, payBand, payBase } from "../shared/format.js";
import { t } from "../shared/i18n.js";

const FACTS = 3;
/** Where the words of a film begin, from its top: above the browser's controls. */
const LINE_PERCENT = 72;

/** One line of a card: number, title, pay, and the first facts. */
export function keyPoints({ number, position }) {
  const pay = payBand(position) || payBase(position);
  return [t("card.number", { n: number }), position.title, pay, ...chipsOf(position).slice(0, FACTS)].filter(Boolean).join(" · ");
}

/** The card itself is told to screen readers when it comes; this is for the eye. */
export function Captions({ card }) {
  if (!card) return null;
  return html`<p class="player__caption" aria-hidden="true" data-test="caption"><span>${keyPoints(card)}</span></p>`;
}

/** The same on a replay, as a track of the film: the browser's own controls turn it off and on. */
export function captionFilm(video, chapters, duration_s) {
  if (!video.addTextTrack || !globalThis.VTTCue || video.textTracks.length) return;
  const track = video.addTextTrack("captions", t("player.captions"), "zh");
  track.mode = "showing";
  for (const [index, one] of chapters.entries()) {
    const next = chapters[index + 1];
    const end = Math.min(one.second + (one.to_ms - one.from_ms) / 1000, next ? next.second : duration_s);
    // Chromium keeps a cue that ends in the very moment a seek leads to.
    const cue = new VTTCue(one.second, Math.max(one.second, end - 0.1), `${t("card.number", { n: one.number })} ${one.title}`);
    cue.snapToLines = false;
    cue.line = LINE_PERCENT;
    if (end > one.second) track.addCue(cue);
  }
}
