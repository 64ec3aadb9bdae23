// 我的投递: every application with its steps; what waits on this device first; withdrawing asks once.

import { Button, Chip, ListState, html, useAgain, useEffect, useMemo, useState, useStore } from "../../shared/components.js";
import { formatWhen, statusText, statusTone } from "../../shared/format.js";
import { t } from "../../shared/i18n.js";
import { Question } from "../../shared/question.js";
import { stepLines } from "../../shared/steps.js";
import { app, refreshFar, refreshMine, seen } from "../app.js";
import { ElsewhereEntry, codesOffered } from "../confirming.js";
import { openSheet } from "../route.js";
import { provinceName, showsFar } from "./far_applications.js";

/** Steps after which there is nothing left to withdraw. */
const OVER = new Set(["withdrawn", "unsuitable", "filled", "hired", "at_work"]);

/** Other provinces send us no word of a step: they are asked while somebody looks. */
const ASK_FAR_MS = 30_000;

export function Mine() {
  const { state, applications: all, error, silent } = useStore(app.mine);
  const setup = useStore(app.setup).value;
  const applications = useMemo(() => [...all].sort((a, b) => b.applied_at_ms - a.applied_at_ms), [all]);
  useEffect(() => refreshFar(), []);
  useAgain(refreshFar, ASK_FAR_MS);
  const { items } = useStore(app.waiting);
  const waiting = items.filter((item) => item.command.t === "apply");
  useEffect(() => {
    const look = () => {
      seen.shows(applications.filter((item) => !item.province));
      showsFar(applications.filter((item) => item.province));
    };
    look();
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, [applications]);
  const nothing = state === "ready" && !silent.length && !applications.length && !waiting.length;
  return html`<div class="stack" data-test="my-applications">
    ${waiting.map(
      (item) => html`<div key=${item.key} class="card stack" data-test="application-waiting">
        <p class="strong">${item.note.title}</p>
        <p class="quiet small">${t("mine.waiting")}</p>
      </div>`,
    )}
    ${silent.map(
      (code) => html`<p key=${code} class="notice" role="status" data-test="mine-silent">
        <span>${t("mine.far_silent", { name: provinceName(setup, code) })}</span>
        <${Button} kind="plain" small class="nowrap" onClick=${refreshFar}>${t("do.retry")}<//>
      </p>`,
    )}
    <${ListState}
      state=${nothing ? "empty" : waiting.length && state !== "ready" ? "ready" : state}
      error=${error}
      onRetry=${refreshMine}
      empty=${{ text: t("mine.empty") }}
    >
      <ul class="stack">
        ${applications.map((item) => html`<${Application} key=${item.id} item=${item} where=${item.province && provinceName(setup, item.province)} />`)}
      </ul>
    <//>
    <${ElsewhereEntry} />
    <div><${Button} kind="plain" small onClick=${() => openSheet({ kind: "privacy" })} data-test="privacy-open">${t("mine.privacy")}<//></div>
  </div>`;
}

function Application({ item, where }) {
  const [asking, setAsking] = useState(false);
  const { items } = useStore(app.waiting);
  const leaving = items.some(({ command }) => command.t === "withdraw" && command.application === item.id);
  const setup = useStore(app.setup).value;
  const now = app.link.serverNow();
  const { hidden } = item.sending || {};

  function withdraw() {
    app.outbox.put({ t: "withdraw", application: item.id }, { title: item.position_title });
    setAsking(false);
  }

  return html`<li class="card stack" data-test="application" data-application=${item.id} data-status=${item.status}>
    <div class="line line--apart">
      <h3>${item.position_title}</h3>
      <${Chip} tone=${statusTone(item.status)} data-test="application-status">${statusText(item.status)}<//>
    </div>
    ${where && html`<p class="quiet small" data-test="application-where">${t("mine.far", { name: where })}</p>`}
    <p class="quiet small"><span class="nowrap">${item.enterprise_name}</span> <span class="nowrap num">${t("mine.receipt", { receipt: item.receipt })}</span></p>
    ${item.for_whom && html`<p class="quiet small">${t("mine.for_whom", { name: item.for_whom })}</p>`}
    ${!item.confirmed && !where && codesOffered(setup) && html`<p class="quiet small" data-test="unconfirmed">${t("mine.unconfirmed")}</p>`}
    ${hidden && html`<p class="quiet small" data-test="consent-gone">${t("mine.hidden")}</p>`}
    <ol class="steps">
      ${(item.steps || []).map(
        (step, index) => html`<li key=${index}>
          <span>${statusText(step.status)}</span> <span class="quiet small num">${formatWhen(step.at_ms, now)}</span>
          ${stepLines(step, now).map((line, n) => html`<p key=${n} class="steps__note" data-test="application-note">${line}</p>`)}
        </li>`,
      )}
    </ol>
    ${!OVER.has(item.status) &&
    html`<div hidden=${asking}>
        <${Button} small kind="plain" disabled=${leaving} onClick=${() => setAsking(true)} data-test="withdraw-open">${t(leaving ? "mine.withdrawing" : "mine.withdraw")}<//>
      </div>
      ${asking &&
      html`<${Question} name="withdraw" text=${t("mine.withdraw_ask", { enterprise: item.enterprise_name })} yes=${t("mine.withdraw_yes")} no=${t("mine.withdraw_no")} onYes=${withdraw} onNo=${() => setAsking(false)} />`}`}
  </li>`;
}
