// 导入: choose a 招聘岗位信息表, see what would become of every row, confirm; the bad rows come back as a workbook.

import { useAttempt } from "../shared/attempt.js";
import { Button, Chip, Field, html, toast, useRef, useState } from "../shared/components.js";
import { has, refusalText, t } from "../shared/i18n.js";
import { flagText } from "../shared/position_file.js";
import { confirm, faultOf, lookAt, pageOf, saveCorrections, sentenceOf } from "./upload.js";

const TONE = { imported: "safe", draft: "look", rejected: "look", duplicate: undefined };
const COUNTS = ["imported", "draft", "rejected", "duplicate"];

function sentence(error) {
  const key = sentenceOf(error);
  return key && has(`upload.${key}`) ? t(`upload.${key}`) : refusalText(error);
}

export function Importing({ account, root, state }) {
  const [session, setSession] = useState("");
  const [step, setStep] = useState({ at: "choose" });
  const sessions = [...state.sessions.values()].filter((one) => one.state !== "ended");

  async function choose(files) {
    const fault = faultOf(files);
    if (fault || !files.length) {
      setStep({ at: "choose", error: fault && t(`upload.${fault}`) });
      return;
    }
    setStep({ at: "looking", name: files[0].name });
    try {
      const made = await lookAt(account, files[0], { session, region: root });
      setStep({ at: "looked", name: files[0].name, made });
    } catch (error) {
      setStep({ at: "choose", error: sentence(error) });
    }
  }

  const again = () => setStep({ at: "choose" });
  return html`<section class="work" aria-label=${t("screen.tab_import")}>
    ${step.at === "choose" && html`<${Choose} ...${{ sessions, session, setSession, choose }} error=${step.error} />`}
    ${step.at === "looking" && html`<p class="panel state" role="status" aria-busy="true" data-test="import-looking">${t("upload.looking", { name: step.name })}</p>`}
    ${step.at === "looked" && html`<${Looked} ...${{ account, again }} made=${step.made} name=${step.name} onDone=${(done) => setStep({ ...step, at: "done", done })} />`}
    ${step.at === "done" && html`<${Done} ...${{ account, again }} made=${step.made} done=${step.done} />`}
  </section>`;
}

function Choose({ sessions, session, setSession, choose, error }) {
  const input = useRef(null);
  const [over, setOver] = useState(false);
  const drop = (event) => {
    event.preventDefault();
    setOver(false);
    choose([...event.dataTransfer.files]);
  };
  return html`<div class="panel work__box stack">
    <h2 class="tree__title">${t("upload.title")}</h2>
    <p class="quiet">${t("upload.what")}</p>
    <${Field} as="select" label=${t("upload.session")} hint=${t("upload.session_hint")} value=${session} onInput=${setSession} data-test="import-session">
      <option value="">${t("upload.no_session")}</option>
      ${sessions.map((one) => html`<option key=${one.id} value=${one.id} selected=${one.id === session}>${one.venue_name || one.title}</option>`)}
    <//>
    <div class="drop ${over ? "drop--over" : ""}" onDragOver=${(event) => (event.preventDefault(), setOver(true))} onDragLeave=${() => setOver(false)} onDrop=${drop}>
      <p class="strong" id="import-drop">${t("upload.drop")}</p>
      <label class="btn btn--main drop__button" for="import-file">${t("upload.file")}</label>
      <input ref=${input} id="import-file" type="file" accept=".xlsx,.xls,.csv" class="sr-only"
        onChange=${(event) => choose([...event.currentTarget.files])} data-test="import-file"
        aria-describedby="import-fault" />
      <p class="small quiet">${t("upload.limits")}</p>
    </div>
    <p class="field__error" id="import-fault" role="alert" data-test="import-fault">${error || ""}</p>
    <p><a href="/api/import/template.xlsx" download=${`${t("upload.template_name")}.xlsx`} data-test="import-template">${t("upload.template")}</a></p>
  </div>`;
}

function Looked({ account, made, name, again, onDone }) {
  const { summary } = made;
  const { busy, attempt } = useAttempt(null, { words: sentence, aloud: true });
  const good = (summary.imported || 0) + (summary.draft || 0);
  const write = () => attempt(() => confirm(account, made.id), { done: onDone });
  return html`<div class="stack">
    <div class="panel work__box stack">
      <h2 class="tree__title">${t("upload.looked", { name })}</h2>
      <ul class="line" data-test="import-counts">
        ${COUNTS.map((kind) => html`<li key=${kind}><${Chip} tone=${summary[kind] ? TONE[kind] : undefined} data-count=${summary[kind] || 0} data-test="count-${kind}"
          >${t(`upload.count_${kind}`, { n: summary[kind] || 0 })}<//></li>`)}
      </ul>
      ${(summary.unknown_headers || []).length > 0 && html`<p class="small">${t("upload.unknown", { names: summary.unknown_headers.join("、") })}</p>`}
      ${(summary.skipped_sheets || []).length > 0 && html`<p class="small quiet">${t("upload.skipped", { names: summary.skipped_sheets.join("、") })}</p>`}
      <p class="quiet">${t("upload.nothing_yet")}</p>
      <div class="line">
        ${good > 0 && html`<${Button} kind="main" busy=${busy} onClick=${write} data-test="import-confirm">${t("upload.confirm", { n: good, count: good })}<//>`}
        ${summary.corrections && html`<${Corrections} account=${account} made=${made} />`}
        <${Button} onClick=${again} disabled=${busy} data-test="import-again">${t("upload.another")}<//>
      </div>
    </div>
    <${Rows} account=${account} made=${made} />
  </div>`;
}

function Corrections({ account, made }) {
  const save = () =>
    saveCorrections(account, made.id, `${t("upload.corrections_name")}.xlsx`).catch((error) => toast(sentence(error), { tone: "look" }));
  return html`<${Button} onClick=${save} data-test="import-corrections">${t("upload.corrections")}<//>`;
}

function Rows({ account, made }) {
  const { pages = 0, rows = 0 } = made.summary;
  const [list, setList] = useState({ rows: [], page: 0, busy: false });
  const more = async () => {
    setList((old) => ({ ...old, busy: true }));
    try {
      const next = await pageOf(account, made.id, list.page);
      setList((old) => ({ rows: [...old.rows, ...next], page: old.page + 1, busy: false }));
    } catch (error) {
      setList((old) => ({ ...old, busy: false }));
      toast(sentence(error), { tone: "look" });
    }
  };
  const first = useRef(true);
  if (first.current && pages) {
    first.current = false;
    more();
  }
  return html`<div class="panel tree__scroll">
    <table class="tree__table import" data-test="import-rows">
      <caption class="sr-only">${t("upload.rows")}</caption>
      <thead><tr>${["line", "firm", "position", "outcome", "reasons"].map((name) => html`<th key=${name} scope="col">${t(`upload.col_${name}`)}</th>`)}</tr></thead>
      <tbody>
        ${list.rows.map(
          (row) => html`<tr key=${row.row} data-test="import-row" data-outcome=${row.outcome}>
            <td class="num nowrap">${row.line}</td>
            <td>${row.firm || t("position.missing")}</td>
            <td>${row.title || t("position.missing")}</td>
            <td class="nowrap"><${Chip} tone=${TONE[row.outcome]}>${t(`upload.${row.outcome}`)}<//></td>
            <td>${(row.reasons || []).map((reason) => html`<p key=${reason.why} class="small">${reason.cell ? html`<span class="num strong">${reason.cell}</span> ` : ""}${flagText(reason)}</p>`)}</td>
          </tr>`,
        )}
      </tbody>
    </table>
    ${list.page < pages && html`<${Button} wide kind="quiet" busy=${list.busy} onClick=${more} data-test="import-more">${t("upload.more", { shown: list.rows.length, all: rows })}<//>`}
  </div>`;
}

function Done({ account, made, done, again }) {
  return html`<div class="panel work__box stack" role="status" data-test="import-done" data-changed=${done.changed}>
    <h2 class="tree__title">${t("upload.done", { n: done.changed, count: done.changed })}</h2>
    ${done.left > 0 && html`<p class="quiet">${t("upload.done_left", { n: done.left, count: done.left })}</p>`}
    <p>${t("upload.done_next")}</p>
    <div class="line">
      <${Button} kind="main" href="#review" data-test="import-to-review">${t("upload.to_review")}<//>
      ${made.summary.corrections && html`<${Corrections} account=${account} made=${made} />`}
      <${Button} onClick=${again}>${t("upload.another")}<//>
    </div>
  </div>`;
}
