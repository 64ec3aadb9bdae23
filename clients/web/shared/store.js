// A state that components watch: one value, its fields replaced, watchers told.
//
//   const store = createStore({ rows: [] });   store.state   store.set({ rows })   store.watch(fn) -> unwatch
//   const state = useStore(store.watch, store.state);      useStore is in components.js

export function createStore(first) {
  let state = first;
  const watchers = new Set();
  return {
    get state() {
      return state;
    },
    /** @param {object | ((state: object) => object)} change fields to replace */
    set(change) {
      const fields = typeof change === "function" ? change(state) : change;
      if (!fields) return;
      state = { ...state, ...fields };
      for (const watcher of [...watchers]) watcher(state);
    },
    /** Told at once and on each change. */
    watch(fn) {
      watchers.add(fn);
      fn(state);
      return () => watchers.delete(fn);
    },
  };
}
