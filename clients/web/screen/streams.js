// 推流: which rooms of the branch have a stream key, who sends with it now, and taking it away.

import { getJson, postJson } from "../shared/api.js";
import { useAttempt } from "../shared/attempt.js";
import { Button, Chip, ListState, html, toast, useAgain, useCallback, useEffect, useState } from "../shared/components.js";
import { formatDuration, formatWhen } from "../shared/format.js";
import { t } from "../shared/i18n.js";
import { QuestionSheet } from "../shared/question.js";

const LOOK_EVERY_MS = 5_000;

/** What stands at a row: [tone, key of its words]. Pure, for the tests. */
export function standing({ encoder, picture, here, made_at_ms }) {
  if (encoder.connected) return ["safe", "streams.encoder"];
  if (picture === "on" || picture === "paused") return ["safe", here ? "streams.browser" : "streams.picture"];
  if (picture === "gone") return ["look", "streams.gone"];
  return ["", made_at_ms ? "streams.waits" : "streams.none"];
}

export function Streams({ account, root, link }) {
  const [data, setData] = useState(null);
  const [error, setError] = useState(null);
  const [asking, setAsking] = useState(null);
  const look = useCallback(async () => {
    try {
      setData(await getJson(`/api/streaming?region=${encodeURIComponent(root)}`, { token: await account.ready() }));
      setError(null);
    } catch (refused) {
      setError(refused);
    }
  }, [root]);
  useEffect(() => {
    look();
  }, [look]);
  useAgain(look, LOOK_EVERY_MS, [look]);

  const rows = (data && data.streams) || [];
  const phase = data ? (rows.length ? "ready" : "empty") : error ? "error" : "loading";
  return html`<section class="stack recordings" data-test="streams">
    <p class="quiet small">${t(data && !data.takes ? "streams.off" : "streams.what")}</p>
    ${data && data.takes && !data.recorded && html`<p class="small strong" data-test="streams-unrecorded">${t("streaming.unrecorded")}</p>`}
    <${ListState} state=${phase} error=${error} onRetry=${look} empty=${{ text: t("streams.empty") }}>
      <ul class="stack">
        ${rows.map((row) => html`<${Row} key=${row.session} row=${row} now=${link.serverNow()} onRevoke=${() => setAsking(row)} />`)}
      </ul>
    <//>
    ${asking && html`<${Revoke} row=${asking} account=${account} onClose=${() => setAsking(null)} onTried=${look} />`}
  </section>`;
}

function Row({ row, now, onRevoke }) {
  const [tone, words] = standing(row);
  const { connected, since_ms } = row.encoder;
  return html`<li class="card recordings__row" data-test="stream-row" data-session=${row.session} data-encoder=${connected ? "yes" : "no"}>
    <div class="line line--apart">
      <span class="strong">${row.title}</span>
      <${Chip} tone=${tone}>${t(words)}<//>
    </div>
    <p class="quiet small num">
      ${t(`session.${row.state}`)}
      ${connected && ` · ${t("streaming.numbers", { length: formatDuration(Math.max(0, now - since_ms)), kbit: row.kbit_s })}`}
      ${row.made_at_ms && ` · ${t("streams.made", { when: formatWhen(row.made_at_ms, now) })}`}
    </p>
    ${row.made_at_ms && html`<div class="line"><${Button} small kind="stop" onClick=${onRevoke} data-test="stream-revoke">${t("streams.revoke")}<//></div>`}
  </li>`;
}

function Revoke({ row, account, onClose, onTried }) {
  const { busy, sentence, attempt } = useAttempt();
  const done = () => {
    toast(t("streams.revoked", { title: row.title }), { tone: "safe" });
    onTried();
  };
  const revoke = () =>
    attempt(async () => postJson(`/api/sessions/${encodeURIComponent(row.session)}/streaming/revoke`, {}, { token: await account.ready() }), { done, close: onClose, refused: onTried });
  return html`<${QuestionSheet} name="stream" title=${t("streams.ask", { title: row.title })} yes=${t("streams.revoke")} ...${{ busy, sentence, onClose }} onYes=${revoke}>
    <p>${t(row.encoder.connected ? "streams.ask_on" : "streams.ask_off")}</p>
  <//>`;
}
