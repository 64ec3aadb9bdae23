// One answer to several: mark applicants, then 约面试 at one time and place, 不合适 with one reason, or 岗位已招满. They are
// sent one after another, each with a key of its own: what was answered stays answered when the network ends in between.

import { Button, Sheet, html, toast, useState } from "../shared/components.js";
import { statusText } from "../shared/format.js";
import { refusalText, t } from "../shared/i18n.js";
import { answerAll } from "./answer_all.js";
import { Interview, Reasons } from "./answer_sheets.js";
import { mayStep } from "./steps.js";

const ANSWERS = ["interview", "unsuitable", "filled"];

/** {on, ids: Set, start, stop, flip(id), set(ids)} */
export function usePicking() {
  const [ids, setIds] = useState(null);
  const flip = (id) => setIds((old) => new Set(old.has(id) ? [...old].filter((one) => one !== id) : [...old, id]));
  return { on: Boolean(ids), ids: ids || new Set(), start: () => setIds(new Set()), stop: () => setIds(null), flip, set: (some) => setIds(new Set(some)) };
}

export function Bulk({ picking, shown, inbox, link }) {
  const [sheet, setSheet] = useState(null);
  const [done, setDone] = useState(null);
  const picked = shown.filter((row) => picking.ids.has(row.id));
  const may = (status) => picked.filter((row) => mayStep(row.status, status));
  const all = picked.length === shown.length && shown.length > 0;

  async function send(parts) {
    const rows = may(parts.status);
    setSheet(null);
    const { given, refused, error } = await answerAll(rows, (row) => inbox.answer(row.id, parts), { tell: (n) => setDone({ n, all: rows.length }) });
    setDone(null);
    if (error) {
      toast(`${t("desk.bulk_some", { n: given, rest: rows.length - given })} ${refusalText(error)}`, { tone: "look", ms: 12_000 });
      return;
    }
    const words = t("desk.bulk_done", { n: given, count: given, status: statusText(parts.status) });
    toast(refused ? `${words} ${t("desk.bulk_refused", { n: refused, count: refused })}` : words, { tone: refused ? "look" : "safe", ms: refused ? 12_000 : undefined });
    picking.stop();
    const again = document.querySelector('[data-test="pick"]');
    if (again) again.focus();
  }

  const close = () => setSheet(null);
  return html`<div class="bulk" data-test="bulk">
    <p class="bulk__count" role="status" data-test="bulk-count" data-count=${picked.length}>
      ${done ? t("desk.bulk_doing", { n: done.n, all: done.all }) : t("desk.bulk_picked", { n: picked.length, count: picked.length })}
    </p>
    <div class="bulk__do">
      ${ANSWERS.map(
        (status) => html`<${Button} key=${status} small disabled=${!may(status).length || Boolean(done)} onClick=${() => setSheet(status)} data-test="bulk-${status}">${t(`desk.answer_${status}`)}<//>`,
      )}
      <${Button} small kind="quiet" disabled=${Boolean(done)} onClick=${() => picking.set(all ? [] : shown.map((row) => row.id))} data-test="bulk-all">${t(all ? "desk.bulk_none" : "desk.bulk_all")}<//>
      <${Button} small kind="plain" disabled=${Boolean(done)} onClick=${picking.stop} data-test="bulk-stop">${t("do.cancel")}<//>
    </div>
    ${sheet === "unsuitable" && html`<${Reasons} to=${may("unsuitable").length} onClose=${close} onSend=${(reason) => send({ status: "unsuitable", reason })} />`}
    ${sheet === "interview" && html`<${Interview} to=${may("interview").length} now=${link.serverNow} onClose=${close} onSend=${(parts) => send({ status: "interview", ...parts })} />`}
    ${sheet === "filled" && html`<${Filled} to=${may("filled").length} onClose=${close} onSend=${() => send({ status: "filled" })} />`}
  </div>`;
}

function Filled({ to, onClose, onSend }) {
  const footer = html`<${Button} kind="main" wide onClick=${onSend} data-test="filled-send">${t("desk.reason_send")}<//>`;
  return html`<${Sheet} title=${t("desk.answer_filled")} onClose=${onClose} footer=${footer} data-test="filled-sheet">
    <p class="strong">${t("desk.bulk_to", { n: to, count: to })}</p>
    <p class="quiet">${t("desk.bulk_filled_what")}</p>
  <//>`;
}
