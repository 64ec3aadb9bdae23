// One applicant: look (it is put on record), call, answer. On a phone this is the whole screen, the call first.

import { useAttempt } from "../shared/attempt.js";
import { Button, Chip, html, useEffect, useNow, useRef, useState } from "../shared/components.js";
import { factsOf, formatWhen, statusText, statusTone } from "../shared/format.js";
import { refusalText, t } from "../shared/i18n.js";
import { stepLines } from "../shared/steps.js";
import { Interview, Reasons } from "./answer_sheets.js";
import { NextFirm, Wait } from "./list.js";
import { mayLogCall, stepsFrom } from "./steps.js";

const OUTCOMES = ["reached", "no_answer", "wrong_number"];

export function Detail({ row, ...rest }) {
  if (!row) return html`<section class="detail detail--none"><p class="state">${t("desk.pick")}</p></section>`;
  return html`<${Applicant} row=${row} ...${rest} />`;
}

function Applicant({ row, opened, inbox, link, place, of, other, onOther, onBack, onBefore, onAfter, onNext }) {
  const now = useNow(15_000, link.serverNow);
  const head = useRef(null);
  const answers = useAnswers(row, inbox);
  useEffect(() => {
    if (head.current) head.current.focus({ preventScroll: true });
  }, []);
  // What is withdrawn is not shown any more, also where it was open.
  const clear = opened && opened.id === row.id && row.status !== "withdrawn" ? opened : null;
  const who = clear || row;
  return html`<section class="detail" aria-labelledby="detail-name">
    <header class="detail__head">
      <${Button} kind="plain" class="detail__back" onClick=${onBack} data-test="back">‹ ${t("do.back")}<//>
      <h2 class="detail__name" id="detail-name" tabindex="-1" ref=${head} data-test="applicant-name">${who.name}</h2>
      <${Chip} tone=${statusTone(row.status)} data-test="detail-status" data-status=${row.status}>${statusText(row.status)}<//>
    </header>
    ${(onBefore || onAfter) && html`<${Steps} ...${{ place, of, onBefore, onAfter }} />`}
    <div class="detail__body stack">
      ${clear ? html`<${Call} who=${clear} row=${row} answers=${answers} />` : html`<${Reveal} row=${row} inbox=${inbox} />`}
      <${About} row=${row} who=${who} now=${now} />
      ${clear && clear.changed && html`<${SeenThen} changed=${clear.changed} />`}
      <${Answers} ...${{ row, answers, onNext, other, onOther }} now=${link.serverNow} />
      <${History} steps=${who.steps} now=${now} />
    </div>
  </section>`;
}

/** To the neighbours in the list as it is filtered and sorted; J and K do the same. */
function Steps({ place, of, onBefore, onAfter }) {
  return html`<nav class="detail__steps" aria-label=${t("desk.steps")}>
    <${Button} small kind="plain" disabled=${!onBefore} onClick=${onBefore} aria-keyshortcuts="K" data-test="step-before">${t("desk.before")}<//>
    <span class="quiet small num" data-test="step-place">${t("desk.place", { place, of })}</span>
    <${Button} small kind="plain" disabled=${!onAfter} onClick=${onAfter} aria-keyshortcuts="J" data-test="step-after">${t("desk.next")}<//>
  </nav>`;
}

/** One answer at a time: {busy, error, sheet, given} and how to change them. */
function useAnswers(row, inbox) {
  const { busy, error, attempt } = useAttempt();
  const [sheet, setSheet] = useState(null);
  const [given, setGiven] = useState(null);
  function give(parts) {
    const done = () => {
      setSheet(null);
      setGiven(parts);
    };
    if (!busy) setGiven(null);
    attempt(() => inbox.answer(row.id, parts), { as: parts.outcome || parts.status, done });
  }
  return { busy, error, sheet, setSheet, given, give };
}

function About({ row, who, now }) {
  const { phone_confirmed, night_shift, start_in_days } = row.about || {};
  const told = [
    night_shift && t(`desk.night_${night_shift}`),
    start_in_days === 0 && t("desk.start_now"),
    start_in_days > 0 && t("desk.start_in", { n: start_in_days, count: start_in_days }),
  ].filter(Boolean);
  return html`<div>
    <p class="detail__position">${row.position_title}</p>
    ${told.length > 0 && html`<p class="line" data-test="applicant-told">${told.map((words) => html`<${Chip} key=${words}>${words}<//>`)}</p>`}
    <p class="quiet small">
      ${t("desk.applied_at", { when: formatWhen(row.applied_at_ms, now) })} · ${t("desk.receipt", { receipt: [row.receipt, ...((row.about && row.about.receipts) || [])].join(t("list.comma")) })}
      ${row.for_whom && html` · ${t("desk.for_whom", { name: who.for_whom || row.for_whom })}`}
    </p>
    <p class="quiet small" data-test="phone-confirmed" data-confirmed=${String(Boolean(phone_confirmed))}>${t(phone_confirmed ? "desk.confirmed" : "desk.unconfirmed_what")}</p>
    <p><${Wait} row=${row} now=${now} /></p>
  </div>`;
}

/** 投递时看到的: what this person applied for, where it says something else today. */
function SeenThen({ changed: { seen, today } }) {
  const facts = factsOf(today);
  const rows = factsOf(seen)
    .map((fact, n) => ({ ...fact, today: facts[n].value }))
    .filter(({ name, value, today: now }) => ["base", "band", "place", "shift"].includes(name) && value !== now);
  return html`<section class="card seen-then" data-test="seen-then" aria-labelledby="seen-then">
    <h3 class="answers__title" id="seen-then">${t("desk.seen_title")}</h3>
    <table class="seen-then__table">
      <thead><tr><th scope="col"></th><th scope="col">${t("desk.seen_then")}</th><th scope="col">${t("desk.seen_today")}</th></tr></thead>
      <tbody>
        ${rows.map(
          (row) => html`<tr key=${row.name} data-test="seen-fact" data-fact=${row.name}>
            <th scope="row">${row.label}</th><td class="num strong">${row.value}</td><td class="num">${row.today}</td>
          </tr>`,
        )}
      </tbody>
    </table>
    <p class="quiet small">${t("desk.seen_what")}</p>
  </section>`;
}

function Reveal({ row, inbox }) {
  const { busy, sentence, attempt } = useAttempt();
  if (row.status === "withdrawn") return null;
  const open = () => attempt(() => inbox.open(row.id, row.claim && row.claim.mine ? "follow_up" : "contact"));
  const { claim } = row;
  return html`<div class="call">
    ${claim && !claim.mine && html`<p class="line" data-test="claimed-by"><${Chip} tone="look">${t("desk.claimed", { name: claim.by || t("desk.colleague") })}<//></p>`}
    <${Button} kind="main" wide busy=${busy} onClick=${open} data-test="open-applicant">${t("desk.reveal")} · <span class="num">${row.phone}</span><//>
    <p class="quiet small">${t("desk.audit")}</p>
    ${sentence && html`<p class="detail__error" role="alert" data-test="open-refusal">${sentence}</p>`}
  </div>`;
}

/** The number, the call, and what became of it in one tap. */
function Call({ who, row, answers }) {
  const { busy, give } = answers;
  const status = stepsFrom(row.status).includes("contacted") ? "contacted" : row.status;
  return html`<div class="call">
    <p class="call__phone num" data-test="applicant-phone">${who.phone}</p>
    <${Button} kind="main" wide href="tel:${who.phone}" data-test="call">${t("desk.call", { phone: who.phone })}<//>
    <p class="quiet small">${t("desk.audit_done")}</p>
    ${mayLogCall(row.status) &&
    html`<div class="call__outcomes" role="group" aria-label=${t("desk.outcome")}>
      <span class="small">${t("desk.outcome")}</span>
      ${OUTCOMES.map(
        (outcome) => html`<${Button} key=${outcome} busy=${busy === outcome} disabled=${Boolean(busy)} onClick=${() => give({ status, outcome })} data-test="outcome-${outcome}"
          >${t(`desk.outcome_${outcome}`)}<//
        >`,
      )}
    </div>`}
  </div>`;
}

/** 已联系 comes with what became of a call, above. */
const ANSWERS_SHOWN = (status) => status !== "contacted";

function Answers({ row, answers, onNext, other, onOther, now }) {
  const { busy, error, sheet, setSheet, given, give } = answers;
  const steps = stepsFrom(row.status).filter(ANSWERS_SHOWN);
  const press = (status) => (status === "unsuitable" || status === "interview" ? setSheet(status) : give({ status }));
  const words = given && (given.outcome ? t("desk.logged", { outcome: t(`desk.outcome_${given.outcome}`) }) : t("desk.answered", { status: statusText(given.status) }));
  const notice = html`<p class="answers__given" role="status" data-test="answered">${words || ""}</p>
    ${given && onNext && html`<${Button} kind="quiet" wide onClick=${onNext} data-test="next-applicant">${t("desk.next_waiting")}<//>`}
    ${given && !onNext && other && html`<p class="answers__on"><${NextFirm} other=${other} onOther=${onOther} /></p>`}`;
  if (!steps.length) {
    const why = row.status === "withdrawn" ? "desk.withdrawn" : "desk.answer_none";
    return html`<div class="answers">${notice}<p class="quiet" data-test="no-steps">${t(why)}</p></div>`;
  }
  const close = () => setSheet(null);
  return html`<div class="answers">
    <h3 class="answers__title">${t("desk.answer")}</h3>
    <div class="answers__grid">
      ${steps.map(
        (status) => html`<${Button} key=${status} busy=${busy === status && !sheet} disabled=${Boolean(busy)} onClick=${() => press(status)} data-test="answer-${status}"
          >${t(`desk.answer_${status}`)}<//
        >`,
      )}
    </div>
    ${notice}
    ${error && !sheet && html`<p class="detail__error" role="alert" data-test="answer-refusal">${refusalText(error)}</p>`}
    ${sheet === "unsuitable" && html`<${Reasons} busy=${busy} error=${error} onClose=${close} onSend=${(reason) => give({ status: "unsuitable", reason })} />`}
    ${sheet === "interview" && html`<${Interview} busy=${busy} error=${error} now=${now} onClose=${close} onSend=${(parts) => give({ status: "interview", ...parts })} />`}
  </div>`;
}

function History({ steps, now }) {
  const newest = [...(steps || [])].reverse();
  return html`<div class="history" data-test="history">
    <h3 class="answers__title">${t("desk.history")}</h3>
    ${!newest.length && html`<p class="quiet">${t("desk.history_none")}</p>`}
    <ol>
      ${newest.map(
        (step) => html`<li key="${step.at_ms} ${step.status}" class="history__step" data-test="history-step" data-status=${step.status}>
          <p class="line line--apart">
            <span class="strong">${statusText(step.status)}</span>
            <span class="quiet small num">${formatWhen(step.at_ms, Math.max(now, step.at_ms))}</span>
          </p>
          ${stepLines(step, now).map((line, n) => html`<p key=${n} class="history__note">${line}</p>`)}
        </li>`,
      )}
    </ol>
  </div>`;
}
