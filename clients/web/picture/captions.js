// The place for words in the picture. What stands there is what somebody types who hears the host, and else what the house
// knows for certain: the position being explained and its main facts (要点), as the host put it on the stage. No machine
// listens to the host.

import { html, useEffect, useState } from "../shared/components.js";
import { chipsOf, payBand, payBase } from "../shared/format.js";
import { t } from "../shared/i18n.js";

const FACTS = 3;
const ROWS = 2;
/** Two rows of 60 characters at an unhurried pace. */
const STAYS_MS = 9_000;
/** Where the words of a film begin, from its top: above the browser's controls. */
const LINE_PERCENT = 72;

/** One line of a card: number, title, pay, and the first facts. */
export function keyPoints({ number, position }) {
  const pay = payBand(position) || payBase(position);
  return [t("card.number", { n: number }), position.title, pay, ...chipsOf(position).slice(0, FACTS)].filter(Boolean).join(" · ");
}

/** The two newest captions, each as long as it takes to read both. `shown`: [{offset, text, until_ms}]. Pure. */
export function withSaid(shown, said, now_ms) {
  const stay = shown.filter((one) => one.until_ms > now_ms && (!said || one.offset !== said.offset));
  return said ? [...stay, { offset: said.offset, text: said.body.text, until_ms: now_ms + STAYS_MS }].slice(-ROWS) : stay;
}

/** What was typed is told to screen readers too; the card is told when it comes, so its line is for the eye. */
export function Captions({ card, said }) {
  const [shown, setShown] = useState([]);
  useEffect(() => {
    if (said) setShown((was) => withSaid(was, said, Date.now()));
  }, [said]);
  useEffect(() => {
    if (!shown.length) return undefined;
    const timer = setTimeout(() => setShown((was) => withSaid(was, null, Date.now())), Math.max(0, shown[0].until_ms - Date.now()) + 50);
    return () => clearTimeout(timer);
  }, [shown]);
  // The live region stands before anything is in it: one that comes together with its words is not read out.
  return html`<div class=${`player__caption player__caption--${shown.length ? "said" : "none"}`} aria-live="polite" data-test="said">
      ${shown.map((one) => html`<p key=${one.offset}><span>${one.text}</span></p>`)}
    </div>
    ${card && !shown.length && html`<p class="player__caption" aria-hidden="true" data-test="caption"><span>${keyPoints(card)}</span></p>`}`;
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
