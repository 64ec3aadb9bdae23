// How somebody wants to watch, kept on this device: poor lines and small data plans are many.
//
//   wish.state = { mode: "picture" | "sound" | "none", captions: boolean }     wish.choose({ mode: "sound" })

import { keep } from "../shared/keep.js";
import { createStore } from "../shared/store.js";

export const MODES = ["picture", "sound", "none"];
const NAME = "picture";

const kept = keep.get(NAME) || {};
export const wish = createStore({
  mode: MODES.includes(kept.mode) ? kept.mode : MODES[0],
  captions: kept.captions === true,
});

wish.choose = (change) => {
  wish.set(change);
  keep.set(NAME, wish.state);
};
