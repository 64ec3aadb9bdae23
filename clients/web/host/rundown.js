// The rundown's keyboard as a pure function: what is typed, which row the cursor is on, what a key asks for.
// The host reads a paper list: "12, Enter" must show number 12 whatever the cursor does.

export const TYPED_LIMIT = 4; // digits: the longest shelf of the day has 362 numbers

export const START = Object.freeze({ typed: "", cursor: 0 });

const FULL_WIDTH_ZERO = 0xff10; // a Chinese input method in full-width mode types ０ to ９

/** "0".."9" for a digit key, half or full width, else "". */
export function digitOf(key) {
  if (typeof key !== "string" || key.length !== 1) return "";
  if (key >= "0" && key <= "9") return key;
  const value = key.charCodeAt(0) - FULL_WIDTH_ZERO;
  return value >= 0 && value <= 9 ? String(value) : "";
}

/** The digits of a text, half width, at most TYPED_LIMIT. */
export function digitsIn(text) {
  return Array.from(text, digitOf).join("").slice(0, TYPED_LIMIT);
}

/** The index of the slot with that number, or -1. Numbers are never reused, so they need not be 1, 2, 3. */
export function indexOfNumber(slots, number) {
  return slots.findIndex((slot) => slot.number === number);
}

/**
 * What a key does: `{state, ask}`. `ask` is null, {what: "show", slot}, {what: "undo"}, {what: "hide"} or
 * {what: "unknown", number} for a number that is not on the shelf.
 */
export function press(state, key, slots) {
  const digit = digitOf(key);
  if (digit) return { state: typing(state, state.typed + digit, slots), ask: null };
  switch (key) {
    case "Backspace":
      return { state: typing(state, state.typed.slice(0, -1), slots), ask: null };
    case "Escape":
      return { state: { ...state, typed: "" }, ask: null };
    case "ArrowDown":
      return { state: { typed: "", cursor: Math.min(state.cursor + 1, Math.max(0, slots.length - 1)) }, ask: null };
    case "ArrowUp":
      return { state: { typed: "", cursor: Math.max(state.cursor - 1, 0) }, ask: null };
    case "Enter":
      return enter(state, slots);
    case "z":
    case "Z":
      return { state, ask: { what: "undo" } };
    case "h":
    case "H":
      return { state, ask: { what: "hide" } };
    default:
      return { state, ask: null };
  }
}

/** The state after the number box says `text`: the cursor follows a number that exists. */
export function typing(state, text, slots) {
  const typed = digitsIn(text);
  const at = typed ? indexOfNumber(slots, Number(typed)) : -1;
  return { typed, cursor: at >= 0 ? at : state.cursor };
}

function enter(state, slots) {
  if (state.typed) {
    const number = Number(state.typed);
    const at = indexOfNumber(slots, number);
    if (at < 0) return { state, ask: { what: "unknown", number } };
    return { state: { typed: "", cursor: at }, ask: { what: "show", slot: slots[at] } };
  }
  const slot = slots[state.cursor];
  return { state, ask: slot ? { what: "show", slot } : null };
}

/** Whether page-wide shortcuts must stay dead: someone writes, or an input method is at work (229: old WebKit). */
export function isWriting(event) {
  if (event.isComposing || event.keyCode === 229) return true;
  const target = event.target;
  if (!target || !target.tagName) return false;
  return /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable === true;
}

/** Whether the key belongs to the element itself: Enter on a focused button presses that button. */
export function ownsEnter(event) {
  return event.key === "Enter" && !!event.target && /^(BUTTON|A|SUMMARY)$/.test(event.target.tagName || "");
}
