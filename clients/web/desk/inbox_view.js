// The tab 投递: one enterprise's applicants, the one that is open, and those who are marked for one answer to all.

import { html, useCallback, useEffect, useMemo, useState, useStore } from "../shared/components.js";
import { Bulk, usePicking } from "./bulk.js";
import { Detail } from "./detail.js";
import { belongs, meant } from "./filter.js";
import { nextFirm } from "./firm_order.js";
import { usePositions } from "./firms.js";
import { isWaiting } from "./waiting.js";
import { openInbox } from "./inbox.js";
import { List } from "./list.js";
import { neighbours } from "./rows.js";
import { useStepKeys } from "./step_keys.js";

export function Inbox({ who, enterprise, link, firms, account, onChoose }) {
  const inbox = useMemo(() => openInbox({ link, enterprise, bySpecialist: answersAsSpecialist(who, enterprise) }), []);
  useEffect(() => inbox.close, []);
  const state = useStore(inbox.store.watch, inbox.store.state);
  const positions = usePositions(enterprise);
  const [chosen, choose] = useChosen();
  const [words, setWords] = useState("");
  const picking = usePicking();
  const row = state.rows.find((one) => one.id === chosen) || null;
  // Someone who is open stays in the list while being answered.
  const shown = state.rows.filter((one) => (belongs(one, state.filter) && meant(one, words)) || one.id === chosen);
  const { before, after, place, of } = neighbours(shown, chosen);

  useEffect(() => {
    if (!chosen || (state.opened && state.opened.id !== chosen)) inbox.forget();
    if (chosen) inbox.seen(chosen);
  }, [chosen]);
  useEffect(() => {
    if (state.phase === "ready") firms.setWaiting(enterprise, state.waiting);
  }, [state.phase, state.waiting]);
  // Whoever is looked for may stand on a page that was not read yet.
  useEffect(() => {
    if (words && state.next && !state.busy && !state.error && state.phase === "ready") inbox.all();
  }, [words, state.next, state.phase]);
  // At the end of what was read, and more is there: read it before somebody steps on.
  useEffect(() => {
    if (chosen && place === of && state.next && !state.busy && !state.error) inbox.more();
  }, [chosen, place, of, state.next, state.busy]);
  const step = (to) => to && choose(to.id);
  useStepKeys({ next: () => step(chosen ? after : shown[0]), back: () => step(before) });

  const open = chosen && (row || state.phase !== "ready");
  const waitingNext = row && shown.find((one, n) => one.id !== row.id && isWaiting(one.status) && n >= place) || shown.find((one) => one.id !== chosen && isWaiting(one.status));
  const other = firms.ids.length > 1 ? nextFirm(firms.list, enterprise) : null;
  const toOther = other && (() => onChoose(other.enterprise, "inbox"));
  return html`<div class="desk__body" data-open=${open ? "yes" : "no"}>
    <${List}
      ...${{ state, shown, inbox, link, account, enterprise, chosen, positions, words, picking, other, onOther: toOther, of }}
      onWords=${setWords}
      onChoose=${choose}
      foot=${picking.on && html`<${Bulk} ...${{ picking, shown, inbox, link }} />`}
    />
    <${Detail}
      key=${chosen}
      ...${{ row, opened: state.opened, inbox, link, place, of: `${of}${state.next ? "+" : ""}`, other }}
      onOther=${toOther}
      position=${row && positions.find((one) => one.id === row.position)}
      onBack=${() => choose(null)}
      onBefore=${before && (() => step(before))}
      onAfter=${after && (() => step(after))}
      onNext=${waitingNext && (() => step(waitingNext))}
    />
  </div>`;
}

/** As the hub has it: who is the enterprise's own HR as well answers as that. */
function answersAsSpecialist(who, enterprise) {
  const roles = who.grants.filter((grant) => grant.scope === enterprise).map((grant) => grant.role);
  return roles.includes("specialist") && !roles.includes("hr");
}

/** The chosen application is in the history, so that a phone's back goes to the list. Ids only, no personal data. */
function useChosen() {
  const read = () => (location.hash.startsWith("#a=") ? decodeURIComponent(location.hash.slice(3)) : null);
  const [chosen, setChosen] = useState(read);
  useEffect(() => {
    const look = () => setChosen(read());
    addEventListener("popstate", look);
    return () => removeEventListener("popstate", look);
  }, []);
  const choose = useCallback((id) => {
    if (id === null && history.state && history.state.desk) history.back();
    else if (id === null) history.replaceState(null, "", location.pathname);
    else if (read()) history.replaceState(history.state, "", `#a=${encodeURIComponent(id)}`);
    else history.pushState({ desk: true }, "", `#a=${encodeURIComponent(id)}`);
    setChosen(id);
  }, []);
  return [chosen, choose];
}
