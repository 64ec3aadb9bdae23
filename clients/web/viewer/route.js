// Where the viewer is: the path, and the sheets lying over it, in the browser's own history, so that a phone's back
// button closes a sheet before it leaves the room.
//
//   route            store: {path, search, sheet, depth}
//   go("/room/S1")   replaceSearch("?q=…")   openSheet({kind, ...plain values})   replaceSheet({...})   closeSheet()   closeAllSheets()
//   linkTo(path)     props for an <a> that stays in the page

import { createStore } from "../shared/store.js";

const read = () => {
  const state = history.state || {};
  return { path: location.pathname, search: location.search, sheet: state.sheet || null, depth: state.depth || 0 };
};

// A sheet does not outlive a reload: what it was about may be gone.
history.replaceState(null, "");

export const route = createStore(read());

addEventListener("popstate", () => route.set(read()));

export function go(path) {
  if (path !== location.pathname + location.search) {
    history.pushState(null, "", path);
    scrollTo(0, 0);
  }
  route.set(read());
}

/** Another question on the same page: the address keeps it, the back button leaves the page. */
export function replaceSearch(search) {
  history.replaceState(null, "", location.pathname + search);
  route.set(read());
}

export function openSheet(sheet) {
  history.pushState({ sheet, depth: route.state.depth + 1 }, "");
  route.set(read());
}

export function replaceSheet(sheet) {
  history.replaceState({ sheet, depth: Math.max(1, route.state.depth) }, "");
  route.set(read());
}

export function closeSheet() {
  if (route.state.depth) history.back();
}

export function closeAllSheets() {
  if (route.state.depth) history.go(-route.state.depth);
}

/** What an address is: {session} for a room, {position: "positions/ID" | "venues/V/N"} below /api/, {} for the portal. */
export function placeOf(path) {
  const [first, second, ...rest] = path.split("/").slice(1);
  if (!second || rest.length) return {};
  if (first === "room") return { session: decodeURIComponent(second) };
  if (first === "position") return { position: `positions/${second}` };
  return /^\d+$/.test(second) ? { position: `venues/${first}/${second}` } : {};
}

export function linkTo(path) {
  return {
    href: path,
    onClick(event) {
      if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      go(path);
    },
  };
}
