// 录像: what was recorded in the branch, how long it is kept; hidden from viewers at once, deleted when the law allows it.

import { getJson, postJson } from "../shared/api.js";
import { useAttempt } from "../shared/attempt.js";
import { Button, Chip, ListState, html, toast, useLoad, useState } from "../shared/components.js";
import { formatDuration, formatWhen } from "../shared/format.js";
import { t } from "../shared/i18n.js";
import { QuestionSheet } from "../shared/question.js";

const GB = 1024 ** 3;
const DAY_MS = 86_400_000;

const day = (ms) => {
  const at = new Date(ms);
  return t("recordings.day", { y: at.getFullYear(), m: at.getMonth() + 1, d: at.getDate() });
};

export const sizeText = (bytes) => (bytes >= GB ? `${(bytes / GB).toFixed(1)} GB` : `${Math.max(1, Math.round(bytes / 1024 ** 2))} MB`);

export function Recordings({ account, root, link }) {
  const load = async () => getJson(`/api/recordings?region=${encodeURIComponent(root)}`, { token: await account.ready() });
  const { state, data, error, again } = useLoad(load, [root]);
  const [asking, setAsking] = useState(null);
  const rows = (data && data.recordings) || [];

  /** By `attempt` of where it was pressed. */
  function decide(attempt, row, what, close) {
    const done = () => {
      toast(t(`recordings.done_${what}`, { title: row.title, day: day(row.least_ms) }), { tone: "safe" });
      again();
    };
    return attempt(async () => postJson(`/api/recordings/${encodeURIComponent(row.session)}/${what}`, {}, { token: await account.ready() }), { done, close, refused: again });
  }

  return html`<section class="stack recordings" data-test="recordings">
    <p class="quiet small">${t("recordings.what", { days: data ? data.kept_days : 60 })}</p>
    <${ListState} state=${state === "ready" && !rows.length ? "empty" : state} error=${error} onRetry=${again} empty=${{ text: t("recordings.empty") }}>
      <ul class="stack">
        ${rows.map((row) => html`<${Row} key=${row.session} row=${row} now=${link.serverNow()} decide=${decide} onDelete=${() => setAsking(row)} />`)}
      </ul>
    <//>
    ${data && data.deleted.length > 0 &&
    html`<details class="recordings__gone">
      <summary>${t("recordings.gone", { n: data.deleted.length })}</summary>
      <ul class="stack small">
        ${data.deleted.map((one) => html`<li key=${one.words}><span class="num">${day(one.at_ms)}</span> <span class="strong">${one.session}</span> <code>${one.words}</code></li>`)}
      </ul>
    </details>`}
    ${asking && html`<${Delete} row=${asking} decide=${decide} onClose=${() => setAsking(null)} />`}
  </section>`;
}

function Row({ row, now, decide, onDelete }) {
  const { busy, attempt } = useAttempt(null, { aloud: true });
  return html`<li class="card recordings__row" data-test="recording-row" data-session=${row.session} data-hidden=${row.hidden ? "yes" : "no"}>
    <div class="line line--apart">
      <span class="strong">${row.title}</span>
      ${row.hidden && html`<${Chip} tone="look">${t(row.deleting ? "recordings.deleting" : "recordings.hidden")}<//>`}
    </div>
    <p class="quiet small num">
      ${formatWhen(row.from_ms, now)} · ${formatDuration(row.to_ms - row.from_ms)} · ${sizeText(row.bytes)} ·
      ${t("recordings.until", { day: day(row.until_ms), n: Math.max(0, Math.ceil((row.until_ms - now) / DAY_MS)) })}
    </p>
    ${!row.deleting &&
    html`<div class="line">
      <${Button} small busy=${busy} onClick=${() => decide(attempt, row, row.hidden ? "show" : "hide")} data-test="recording-hide">${t(row.hidden ? "recordings.show" : "recordings.hide")}<//>
      <${Button} small kind="plain" onClick=${onDelete} data-test="recording-delete">${t("recordings.delete")}<//>
    </div>`}
  </li>`;
}

function Delete({ row, decide, onClose }) {
  const { busy, sentence, attempt } = useAttempt();
  const act = () => decide(attempt, row, "delete", onClose);
  return html`<${QuestionSheet} name="recording" title=${t("recordings.ask", { title: row.title })} yes=${t("recordings.delete")} ...${{ busy, sentence, onClose }} onYes=${act}>
    <p>${t("recordings.ask_what", { day: day(row.least_ms) })}</p>
  <//>`;
}
