// What was sent to sessions of other provinces: the application lives there, so its home is asked, directly and with our
// own province's token, as it was when it was sent. Nothing of it passes our province.
//
//   await askAfield()   into app.mine: {applications: own and theirs, silent: [codes that did not answer]}

import { postJson } from "../shared/api.js";
import { appliedIn, elsewhere, receivedThere } from "../shared/elsewhere.js";
import { app } from "../viewer/app.js";

const WITHIN_MS = 8_000;
const MOST_PROVINCES = 8;
const MOST_EACH = 200;

/** As each told last, by its code: shown on while it is silent. */
const told = new Map();
let asking = null;

export function askAfield() {
  asking = asking || ask().finally(() => (asking = null));
  return asking;
}

async function ask() {
  const token = await app.account.ready();
  const silent = [];
  await Promise.all(
    appliedIn().slice(-MOST_PROVINCES).map(async (code) => {
      const { home } = elsewhere(`?@${code}`);
      try {
        if (!home) throw new Error("not among ours");
        const answer = await postJson(`${home}/api/commands`, { t: "my_applications" }, { token, timeoutMs: WITHIN_MS });
        told.set(code, (answer.applications || []).slice(0, MOST_EACH).map((item) => ours(item, code)));
      } catch {
        silent.push(code);
      }
    }),
  );
  const theirs = [...told.values()].flat();
  app.mine.set((old) => ({ applications: [...old.applications.filter((item) => !item.province), ...theirs], silent }));
}

/** Under the names it has here. What is sent about it later goes to where it lives. */
function ours(item, code) {
  receivedThere(item.id, code);
  return { ...item, province: code, position: `${item.position}@${code}`, session: `${item.session}@${code}` };
}
