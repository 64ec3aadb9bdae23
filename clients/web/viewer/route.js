// Where the viewer is: the path, and the sheets lying over it, in the browser's own history, so that a phone's back
// button closes a sheet before it leaves the room.
//
//   route            store: {path, sheet, depth}
//   go("/room/S1")   openSheet({kind, ...plain values})   replaceSheet({...})   closeSheet()   closeAllSheets()
//   linkTo(path)     props for an <a> that stays in the page

import { createStore } from "../shared/store.js";

const read = () => {
  const state = history.state || {};
  return { path: location.pathname, sheet: state.sheet || null, depth: state.depth || 0 };
};

// A sheet does not outlive a reload: what it was about may be gone.
history.replaceState(null, "");

export const route = createStore(read());

addEventListener("popstate", () => route.set(read()));

export function go(path) {
  if (path !== location.pathname) {
    history.pushState(null, "", path);
    scrollTo(0, 0);
  }
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
