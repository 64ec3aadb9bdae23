// Who this page speaks as: its token, kept on this device and renewed before it ends.
//
//   const account = guestAccount();               viewers: a guest without login, made on the first need
//   const account = staffAccount("host");         host | desk | screen: signed in by name and password, kept per page and tab
//   await account.ready()                         -> token, or throws RefusalError("not_signed_in") for staff
//   account.current                               {token, person, name, grants, until_ms} or null
//   await account.signIn(name, password)          staff
//   await account.enterDemo()                     staff: takes ?demo=ROLE from the address; true when it signed in
//   account.signOut()   account.watch(fn)         fn(current) on every change; watch returns how to stop
//
// link.js uses .ready(), .renew() (a newer token of the same person) and .lost() (the hub does not know this token:
// a guest gets a new one and .lost() is true; staff must sign in again and .lost() is false).

import { postJson, RefusalError } from "./api.js";
import { createKeep, keep } from "./keep.js";

const SOON_MS = 60_000;

function createAccount(slot, obtain, { createsItself, storage = keep }) {
  let current = storage.get(slot);
  let pending = null;
  const watchers = new Set();

  function become(next) {
    current = next;
    if (next) storage.set(slot, next);
    else storage.drop(slot);
    for (const watcher of [...watchers]) watcher(current);
  }

  /** One request at a time, shared by all who ask. */
  function once(work) {
    if (!pending) {
      pending = work().finally(() => {
        pending = null;
      });
    }
    return pending;
  }

  /** Another tab may be quicker: two guests of one browser would lose what the first one did. */
  async function made() {
    become(lasting() ?? (await obtain().then((fresh) => lasting() ?? fresh)));
  }

  function lasting() {
    const kept = storage.get(slot);
    return kept && kept.until_ms - Date.now() > SOON_MS ? kept : null;
  }

  return {
    get current() {
      return current;
    },
    watch(fn) {
      watchers.add(fn);
      return () => watchers.delete(fn);
    },
    become,
    async ready() {
      if (current && current.until_ms - Date.now() > SOON_MS) return current.token;
      if (current && current.until_ms > Date.now()) {
        await this.renew().catch(() => undefined);
        if (current) return current.token;
      }
      if (!createsItself) {
        become(null);
        throw new RefusalError("not_signed_in");
      }
      await once(made);
      return current.token;
    },
    async renew() {
      await once(async () => {
        if (!current) throw new RefusalError("not_signed_in");
        const fresh = await postJson("/api/renew", {}, { token: current.token });
        become({ ...current, ...fresh });
      });
      return current.token;
    },
    async lost() {
      become(null);
      if (!createsItself) return false;
      await once(made);
      return true;
    },
    signOut() {
      become(null);
    },
  };
}

/** A viewer without login. */
export function guestAccount() {
  return createAccount("guest", () => postJson("/api/guest", {}), { createsItself: true });
}

/** Staff share computers: their token ends with the tab. */
function tabStorage() {
  try {
    return createKeep(sessionStorage);
  } catch {
    return createKeep(null);
  }
}

/** Somebody with a password. @param {"host" | "desk" | "screen"} page */
export function staffAccount(page) {
  const account = createAccount(`staff.${page}`, null, { createsItself: false, storage: tabStorage() });
  return Object.assign(Object.create(null, Object.getOwnPropertyDescriptors(account)), {
    async signIn(name, password) {
      account.become(await postJson("/api/sign-in", { name, password }));
    },
    /** `/host?demo=host` and its like: signs in without a password where the hub is in demo mode. */
    async enterDemo() {
      const address = new URL(location.href);
      const role = address.searchParams.get("demo");
      if (!role) return false;
      address.searchParams.delete("demo");
      history.replaceState(history.state, "", address.pathname + address.search + address.hash);
      account.become(await postJson("/api/demo", { role }));
      return true;
    },
  });
}
