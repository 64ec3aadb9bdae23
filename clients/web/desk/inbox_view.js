// The tab 投递: one enterprise's applicants, and the one that is open.

import { html, useCallback, useEffect, useMemo, useState, useStore } from "../shared/components.js";
import { Detail } from "./detail.js";
import { Export } from "./export.js";
import { isWaiting } from "./waiting.js";
import { openInbox } from "./inbox.js";
import { List } from "./list.js";

export function Inbox({ who, enterprise, link, firms, account }) {
  const inbox = useMemo(() => openInbox({ link, enterprise, bySpecialist: answersAsSpecialist(who, enterprise) }), []);
  useEffect(() => inbox.close, []);
  const state = useStore(inbox.store.watch, inbox.store.state);
  const [chosen, choose] = useChosen();
  const row = state.rows.find((one) => one.id === chosen) || null;

  useEffect(() => {
    if (!chosen || (state.opened && state.opened.id !== chosen)) inbox.forget();
    if (chosen) inbox.seen(chosen);
  }, [chosen]);
  useEffect(() => {
    if (state.phase === "ready") firms.setWaiting(enterprise, state.waiting);
  }, [state.phase, state.waiting]);
  const open = chosen && (row || state.phase !== "ready");
  const nextRow = row && (state.rows.find((one) => one.id !== row.id && isWaiting(one.status) && one.applied_at_ms <= row.applied_at_ms) || state.rows.find((one) => one.id !== row.id && isWaiting(one.status)));
  const tools = html`<${Export} enterprise=${enterprise} account=${account} />`;
  return html`<div class="desk__body" data-open=${open ? "yes" : "no"}>
    <${List} ...${{ state, inbox, link, chosen, tools }} positions=${firms.positions.get(enterprise) || []} onChoose=${choose} />
    <${Detail} key=${chosen} row=${row} opened=${state.opened} inbox=${inbox} link=${link} onBack=${() => choose(null)} onNext=${nextRow ? () => choose(nextRow.id) : null} />
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
