// `/desk`: the enterprises of this person, one inbox at a time, one applicant at a time.

import { getJson } from "../shared/api.js";
import { Field, OfflineBar, html, useCallback, useEffect, useMemo, useState, useStore } from "../shared/components.js";
import { t } from "../shared/i18n.js";
import { keep } from "../shared/keep.js";
import { Who, startStaffPage } from "../shared/signin.js";
import { Detail } from "./detail.js";
import { openInbox } from "./inbox.js";
import { List } from "./list.js";

/** A specialist has up to some hundred enterprises, a connection five commands a second; most of them stay free. */
const ASK_EVERY_MS = 500;
const CHOSEN = "desk.enterprise";

function App({ link, account, who, scopes }) {
  const ids = useMemo(() => [...new Set(scopes.map((grant) => grant.scope))], []);
  const remembered = keep.get(CHOSEN);
  const [enterprise, setEnterprise] = useState(ids.includes(remembered) ? remembered : ids[0]);
  const names = useNames(ids);
  const [waiting, setWaiting] = useWaiting(ids, link);
  const choose = (id) => {
    keep.set(CHOSEN, id);
    setEnterprise(id);
  };
  const name = names.get(enterprise) || "";
  const order = [...ids].sort((a, b) => (waiting.get(b) || 0) - (waiting.get(a) || 0));
  return html`<div class="desk">
    <${OfflineBar} link=${link} />
    <header class="desk__head">
      <div class="desk__title">
        <h1 class="desk__name" data-test="desk-enterprise-name">${name || t("desk.title")}</h1>
        <${Who} who=${who} account=${account} />
      </div>
      ${ids.length > 1 &&
      html`<${Field} as="select" label=${t("desk.enterprise")} hideLabel value=${enterprise} onInput=${choose} data-test="desk-enterprise">
        ${order.map((id) => {
          const count = waiting.get(id);
          const words = names.get(id) || id;
          return html`<option key=${id} value=${id} selected=${id === enterprise}
            >${count ? t("desk.firm_waiting", { name: words, n: count, count }) : words}</option
          >`;
        })}
      <//>`}
    </header>
    <${Inbox} key=${enterprise} enterprise=${enterprise} link=${link} onWaiting=${setWaiting} />
  </div>`;
}

/** Names of the enterprises; a name that does not come leaves the page usable. */
function useNames(ids) {
  const [names, setNames] = useState(new Map());
  useEffect(() => {
    let mine = true;
    ids.forEach((id) =>
      getJson(`/api/enterprises/${encodeURIComponent(id)}`).then(
        (answer) => mine && setNames((known) => new Map(known).set(id, answer.enterprise.name)),
        () => undefined,
      ),
    );
    return () => {
      mine = false;
    };
  }, []);
  return names;
}

/** How many wait in each of several enterprises, asked one after the other when the page opens. */
function useWaiting(ids, link) {
  const [counts, setCounts] = useState(new Map());
  const setCount = useCallback((id, count) => setCounts((known) => new Map(known).set(id, count)), []);
  useEffect(() => {
    let mine = true;
    async function ask() {
      for (const id of ids) {
        const answer = await link.send({ t: "list_applications", enterprise: id, limit: 1 }).catch(() => null);
        if (!mine) return;
        if (answer) setCount(id, answer.waiting || 0);
        await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
      }
    }
    if (ids.length > 1) ask();
    return () => {
      mine = false;
    };
  }, []);
  return [counts, setCount];
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

function Inbox({ enterprise, link, onWaiting }) {
  const inbox = useMemo(() => openInbox({ link, enterprise }), []);
  useEffect(() => inbox.close, []);
  const state = useStore(inbox.store.watch, inbox.store.state);
  const [chosen, choose] = useChosen();
  const row = state.rows.find((one) => one.id === chosen) || null;

  useEffect(() => {
    if (!chosen || (state.opened && state.opened.id !== chosen)) inbox.forget();
    if (chosen) inbox.seen(chosen);
  }, [chosen]);
  useEffect(() => {
    if (state.phase === "ready") onWaiting(enterprise, state.waiting);
  }, [state.phase, state.waiting]);
  const open = chosen && (row || state.phase !== "ready");
  return html`<div class="desk__body" data-open=${open ? "yes" : "no"}>
    <${List} state=${state} inbox=${inbox} link=${link} chosen=${chosen} onChoose=${choose} />
    <${Detail} key=${chosen} row=${row} opened=${state.opened} inbox=${inbox} link=${link} onBack=${() => choose(null)} />
  </div>`;
}

startStaffPage(document.getElementById("page"), { page: "desk", roles: ["hr", "specialist"], App });
