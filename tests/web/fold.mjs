// Reads logs and positions from stdin, writes what the pages make of them (tests/web/test_fold.py).

import { readFileSync } from "node:fs";

import * as host from "../../clients/web/host/stage.js";
import { QUICK, quickOf } from "../../clients/web/viewer/questions.js";
import * as viewer from "../../clients/web/viewer/stage.js";

function folded(pages, bodies) {
  const start = pages.fromSnapshot({ session: { id: "S01", shelf_revision: 1 } }, null);
  const stage = bodies.reduce((now, body, at) => pages.after(now, body, at + 1), start);
  const { session, card, notice, picture, talk } = stage;
  const { live_at_ms, ended_at_ms, shelf_revision, state = "scheduled", cut_off = false } = session;
  return { state, shelf_revision, cut_off, card: card && card.number, notice, picture, talk, live_at_ms, ended_at_ms };
}

const { logs, positions } = JSON.parse(readFileSync(0, "utf8"));
const folds = logs.map((bodies) => [folded(viewer, bodies), folded(host, bodies)]);
process.stdout.write(JSON.stringify({ folds, quick: positions.map(quickOf), table: QUICK }));
