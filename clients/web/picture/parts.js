// What every part of this folder needs first: its words (LOCALE.picture.json) and its style. They come with the first
// picture, so that a room without one does not load them.
//
//   await partsReady()      Player = await player()      Replay = await replay()

import { addLocale } from "../shared/i18n.js";

let ready = null;

function style() {
  return new Promise((done) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = new URL("./picture.css", import.meta.url).href;
    // Without it the picture is not pretty, but there.
    link.onload = link.onerror = done;
    document.head.append(link);
  });
}

export function partsReady() {
  ready = ready || Promise.all([addLocale("picture"), style()]);
  ready.catch(() => {
    ready = null;
  });
  return ready;
}

const withParts = async (load, name) => (await Promise.all([load(), partsReady()]))[0][name];

export const player = () => withParts(() => import("./player.js"), "Player");
export const replay = () => withParts(() => import("./replay.js"), "Replay");
