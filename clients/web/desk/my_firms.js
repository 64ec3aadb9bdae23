// The tab 我的企业 of a specialist with some forty enterprises: how many wait and since when, a word to find one, in the
// order one works them off. Answering for one of them is a tap away and marked 专员代回复.

import { Button, Chip, Field, ListState, html, useEffect, useNow, useState } from "../shared/components.js";
import { formatCount } from "../shared/format.js";
import { t } from "../shared/i18n.js";
import { InviteHr } from "../shared/invitation.js";
import { ORDERS, SHOWS, countsOf, nextFirm, shownFirms } from "./firm_order.js";
import { waitWords } from "./list.js";
import { waitOf } from "./waiting.js";

export function MyFirms({ link, firms, onChoose }) {
  const { list, state, error, again } = firms;
  const now = useNow(15_000, link.serverNow);
  const [inviting, setInviting] = useState(null);
  const [asked, setAsked] = useState({ words: "", show: "all", order: "care" });
  // Back from one of them: what was answered there is no wait any more.
  useEffect(() => {
    if (state === "ready") again();
  }, []);
  const counts = countsOf(list);
  const shown = shownFirms(list, asked);
  const first = nextFirm(list, "");
  const all = () => setAsked({ ...asked, words: "", show: "all" });
  const empty = list.length
    ? { text: t("desk.firms_none_such"), action: html`<${Button} kind="quiet" onClick=${all}>${t("desk.firms_see_all")}<//>` }
    : { text: t("desk.firms_empty") };
  return html`<section class="desk__page" aria-labelledby="firms-title">
    <header class="firms__head">
      <div class="firms__sum">
        <h2 class="list__title" id="firms-title">${t("desk.firms_title", { n: counts.all, count: counts.all })}</h2>
        ${state === "ready" && html`<p data-test="firms-sum" data-people=${counts.people}>${sumWords(counts, now)}</p>`}
      </div>
      ${first && html`<${Button} kind="main" onClick=${() => onChoose(first.enterprise, "inbox")} data-test="firms-start">${t("desk.firms_start")}<//>`}
    </header>
    ${list.length > 1 && html`<${Tools} asked=${asked} counts=${counts} onAsk=${(change) => setAsked({ ...asked, ...change })} />`}
    <p class="quiet small">${t("desk.firms_what")}</p>
    <${ListState} state=${state === "ready" && !shown.length ? "empty" : state} error=${error} onRetry=${again} lines=${8} empty=${empty}>
      <ul class="firms" data-test="firms">
        ${shown.map((firm) => html`<${Firm} key=${firm.enterprise} firm=${firm} now=${now} onOpen=${() => onChoose(firm.enterprise, "inbox")} onInvite=${() => setInviting(firm)} />`)}
      </ul>
    <//>
    ${inviting && html`<${InviteHr} link=${link} enterprise=${inviting.enterprise} title=${inviting.name} onClose=${() => (setInviting(null), again())} />`}
  </section>`;
}

function sumWords({ waiting, people, oldest_at_ms }, now) {
  if (!people) return t("desk.firms_all_answered");
  const words = waitWords(waitOf({ status: "applied", applied_at_ms: oldest_at_ms }, now));
  return t("desk.firms_sum", { firms: waiting, n: formatCount(people), words });
}

function Tools({ asked, counts, onAsk }) {
  return html`<div class="firms__tools">
    <${Field} type="search" label=${t("desk.firms_find")} hideLabel placeholder=${t("desk.firms_find")} value=${asked.words} onInput=${(words) => onAsk({ words })} maxlength="40" autocomplete="off" enterkeyhint="search" data-test="firms-find" />
    <${Field} as="select" label=${t("desk.firms_order")} hideLabel value=${asked.order} onInput=${(order) => onAsk({ order })} data-test="firms-order">
      ${ORDERS.map((name) => html`<option key=${name} value=${name} selected=${name === asked.order}>${t(`desk.firms_order_${name}`)}</option>`)}
    <//>
    <div class="list__filter" role="group" aria-label=${t("desk.filter")}>
      ${SHOWS.map(
        (name) => html`<${Button} key=${name} small aria-pressed=${String(asked.show === name)} onClick=${() => onAsk({ show: name })} data-test="firms-${name}"
          >${t(`desk.firms_show_${name}`)} <span class="num">${counts[name]}</span><//
        >`,
      )}
    </div>
  </div>`;
}

function Firm({ firm, now, onOpen, onInvite }) {
  const wait = firm.waiting ? waitOf({ status: "applied", applied_at_ms: firm.oldest_at_ms || now }, now) : null;
  return html`<li class="card firm" data-test="firm" data-enterprise=${firm.enterprise} data-waiting=${firm.waiting || 0}>
    <div class="firm__words">
      <p class="line">
        <span class="strong">${firm.name}</span>
        ${!firm.signed_in_at_ms && html`<${Chip} tone="look" data-test="firm-never">${t("desk.firm_never")}<//>`}
      </p>
      <p>
        ${firm.waiting ? t("desk.waiting_count", { n: formatCount(firm.waiting), count: firm.waiting }) : html`<span class="quiet">${t("desk.waiting_none")}</span>`}
        ${wait && html`<span class="wait wait--${wait.colour}"> · ${t("desk.firm_longest", { words: waitWords(wait) })}</span>`}
      </p>
      <p class="quiet small">${repliesWords(firm.replies || {})}</p>
    </div>
    <div class="firm__do">
      ${!firm.signed_in_at_ms && html`<${Button} onClick=${onInvite} aria-label="${t("desk.firm_invite")} ${firm.name}" data-test="firm-invite">${t("desk.firm_invite")}<//>`}
      <${Button} kind=${firm.waiting ? "main" : "quiet"} onClick=${onOpen} aria-label="${t(firm.waiting ? "desk.firm_answer" : "desk.firm_open")} ${firm.name}" data-test="firm-open"
        >${t(firm.waiting ? "desk.firm_answer" : "desk.firm_open")}<//
      >
    </div>
  </li>`;
}

function repliesWords({ received = 0, answered = 0, mean_ms = 0 }) {
  if (!received) return t("desk.firm_replies_none");
  if (!answered) return t("desk.firm_replies_never", { n: received, count: received });
  return t("desk.firm_replies", { rate: Math.round((answered / received) * 100), hours: hours(mean_ms) });
}

/** Hours with one digit, at least 0.1: nobody answers in no time. */
const hours = (ms) => Math.max(0.1, Math.round(ms / 360_000) / 10);
