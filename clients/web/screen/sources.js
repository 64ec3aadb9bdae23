// 来源: how many applications each poster, QR code or shared link brought to this branch; and a sheet of paper with a code
// of one's own. The counts are those of the store (GET /api/sources), not of a page.

import { Button, Field, ListState, html, useLoad, useState } from "../shared/components.js";
import { getJson } from "../shared/api.js";
import { t } from "../shared/i18n.js";
import { LIMITS } from "../shared/protocol.js";
import { exact } from "./tree.js";

const CODE = new RegExp(`^[A-Za-z0-9_-]{1,${LIMITS.SOURCE_LIMIT}}$`);

/** What a code is called where nobody wrote it: `paper-…` stands on printed sheets, `share` on what seekers pass on. */
export function nameOf(code) {
  if (!code) return t("screen.source_none");
  if (code === "share") return t("screen.source_share");
  return code.startsWith("paper-") ? t("screen.source_paper", { code: code.slice(6) }) : code;
}

export function Sources({ account, root, state: board }) {
  const load = async () => getJson(`/api/sources?region=${encodeURIComponent(root)}`, { token: await account.ready() });
  const { state, data, error, again } = useLoad(load, [root]);
  const rows = (data && data.sources) || [];
  const all = rows.reduce((sum, [, n]) => sum + n, 0);
  return html`<section class="stack sources" data-test="sources">
    <${Paper} sessions=${[...board.sessions.values()]} />
    <${ListState}
      state=${state === "ready" && !all ? "empty" : state}
      error=${error}
      onRetry=${again}
      empty=${{ text: t("screen.sources_empty"), action: html`<${Button} kind="quiet" onClick=${again}>${t("do.retry")}<//>` }}
    >
      <table class="sources__table">
        <caption class="quiet small">${t("screen.sources_what", { n: exact(all), count: all })}</caption>
        <thead>
          <tr>
            <th scope="col">${t("screen.source")}</th>
            <th scope="col" class="num">${t("screen.source_applications")}</th>
            <th scope="col" class="num">${t("screen.source_share_of")}</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ([code, n]) => html`<tr key=${code} data-test="source-row" data-source=${code} data-value=${n}>
              <th scope="row">${nameOf(code)}</th>
              <td class="num">${exact(n)}</td>
              <td class="num">${Math.round((100 * n) / all)}%</td>
            </tr>`,
          )}
        </tbody>
      </table>
      <div><${Button} kind="quiet" onClick=${again}>${t("screen.sources_again")}<//></div>
    <//>
  </section>`;
}

/** A sheet to hang up, with a code that tells where it hangs. */
function Paper({ sessions }) {
  const [session, setSession] = useState("");
  const [code, setCode] = useState("");
  const chosen = session || (sessions[0] && sessions[0].id);
  const good = CODE.test(code);
  if (!chosen) return null;
  return html`<div class="card stack">
    <h2>${t("screen.paper")}</h2>
    <p class="quiet small">${t("screen.paper_what")}</p>
    <div class="sources__paper">
      <${Field} as="select" label=${t("screen.paper_hall")} value=${chosen} onInput=${setSession} data-test="paper-hall">
        ${sessions.map((one) => html`<option key=${one.id} value=${one.id}>${one.venue_name || one.title}</option>`)}
      <//>
      <${Field}
        label=${t("screen.paper_code")}
        hint=${t("screen.paper_code_hint", { n: LIMITS.SOURCE_LIMIT })}
        value=${code}
        onInput=${setCode}
        maxlength=${LIMITS.SOURCE_LIMIT}
        error=${code && !good ? t("screen.paper_code_wrong") : ""}
        data-test="paper-code"
      />
      <${Button}
        kind="main"
        href=${`/print/room/${encodeURIComponent(chosen)}${good ? `?from=${code}` : ""}`}
        target="_blank"
        rel="noopener"
        data-test="paper-open"
        >${t("screen.paper_open")}<//
      >
    </div>
  </div>`;
}
