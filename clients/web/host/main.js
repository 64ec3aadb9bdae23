// `/host`: which session, then the page of it.

import { getJson } from "../shared/api.js";
import { Button, Chip, ListState, OfflineBar, html, useEffect, useLoad, useMemo, useState } from "../shared/components.js";
import { formatWhen, roomChip } from "../shared/format.js";
import { t } from "../shared/i18n.js";
import { keep } from "../shared/keep.js";
import { Who, startStaffPage } from "../shared/signin.js";
import { HostPage } from "./page.js";
import { openRoom } from "./room.js";

const CHOSEN = "host.session";

function App({ link, account, who, scopes }) {
  const ids = [...new Set(scopes.map((grant) => grant.scope))];
  const remembered = keep.get(CHOSEN);
  const [chosen, setChosen] = useState(ids.length === 1 ? ids[0] : ids.find((id) => id === remembered) || null);
  const choose = (id) => {
    keep.set(CHOSEN, id);
    setChosen(id);
  };
  if (!chosen) return html`<${Chooser} ...${{ ids, link, account, who }} onChoose=${choose} />`;
  const other = ids.length > 1 ? () => setChosen(null) : null;
  return html`<${InSession} key=${chosen} sessionId=${chosen} onOther=${other} ...${{ link, account, who }} />`;
}

function InSession({ sessionId, onOther, link, account, who }) {
  // A rehearsal is a session of its own: the same page, another room; a reload stays in it.
  const slot = `host.rehearsal.${sessionId}`;
  const [rehearsal, setRehearsal] = useState(() => keep.get(slot));
  const onRehearsal = (id) => {
    keep.set(slot, id);
    setRehearsal(id);
  };
  const shown = rehearsal || sessionId;
  return html`<${Open} key=${shown} sessionId=${shown} ...${{ onOther, onRehearsal, link, account, who }} />`;
}

function Open({ sessionId, onOther, onRehearsal, link, account, who }) {
  const room = useMemo(() => openRoom({ link, sessionId }), []);
  useEffect(() => room.close, []);
  return html`<${HostPage} ...${{ room, sessionId, onOther, onRehearsal, link, account, who }} />`;
}

/** Sessions that are gone are left out; the others stay choosable. */
async function fetchSessions(ids) {
  const answers = await Promise.all(
    ids.map((id) =>
      getJson(`/api/sessions/${encodeURIComponent(id)}`).catch((error) => {
        if (error.code === "not_found") return null;
        throw error;
      }),
    ),
  );
  return answers.filter(Boolean).map((answer) => answer.session);
}

function Chooser({ ids, link, account, who, onChoose }) {
  const { state, data, error, again } = useLoad(() => fetchSessions(ids), [ids.join()]);
  const shown = state === "ready" && !data.length ? "empty" : state;
  return html`<div>
    <${OfflineBar} link=${link} />
    <main class="door">
      <section class="door__box card stack" data-test="session-chooser">
        <header class="line line--apart">
          <h1 class="door__title">${t("host.choose", { n: ids.length, count: ids.length })}</h1>
          <${Who} who=${who} account=${account} />
        </header>
        <${ListState} state=${shown} error=${error} onRetry=${again} empty=${{ text: t("host.choose_empty") }}>
          <ul class="stack">
            ${(data || []).map((session) => {
              const chip = roomChip(session.state);
              return html`<li key=${session.id}>
                <${Button} wide class="choose" onClick=${() => onChoose(session.id)} data-test="choose-session" data-session=${session.id}>
                  <span class="choose__title">${session.title}</span>
                  <${Chip} tone=${chip.tone}>${chip.text}<//>
                  ${session.starts_at_ms && html`<span class="quiet small">${formatWhen(session.starts_at_ms, link.serverNow())}</span>`}
                <//>
              </li>`;
            })}
          </ul>
        <//>
      </section>
    </main>
  </div>`;
}

startStaffPage(document.getElementById("page"), { page: "host", roles: ["host", "assistant"], App });
