// Small values kept on this device: localStorage, or memory where the browser refuses it (private mode, full).
//
//   keep.get(name)  keep.set(name, value)  keep.drop(name)      values are JSON; names get the prefix "daigang."

const PREFIX = "daigang.";

/** @param {Storage | null} storage */
export function createKeep(storage) {
  const memory = new Map();
  return {
    get(name) {
      try {
        const text = storage ? storage.getItem(PREFIX + name) : null;
        if (text !== null && text !== undefined) return JSON.parse(text);
      } catch {
        // Unreadable is the same as absent.
      }
      return memory.has(name) ? memory.get(name) : null;
    },
    /** Says whether it will outlive the page. */
    set(name, value) {
      try {
        if (storage) {
          storage.setItem(PREFIX + name, JSON.stringify(value));
          memory.delete(name);
          return true;
        }
      } catch {
        // Full or forbidden: memory is better than nothing.
      }
      memory.set(name, value);
      return false;
    },
    drop(name) {
      memory.delete(name);
      try {
        if (storage) storage.removeItem(PREFIX + name);
      } catch {
        // Nothing to drop then.
      }
    },
  };
}

function browserStorage() {
  try {
    return typeof localStorage === "undefined" ? null : localStorage;
  } catch {
    return null;
  }
}

export const keep = createKeep(browserStorage());
