// The tab 我的企业 of a specialist: those whose own people were never here first, then by who waits longest. Answering
// for one of them is a tap away and marked 专员代回复.

import { Button, Chip, ListState, html, useEffect, useLoad, useNow, useState } from "../shared/components.js";
import { formatCount } from "../shared/format.js";
import { t } from "../shared/i18n.js";
import { InviteHr } from "../shared/invitation.js";
import { waitWords } from "./list.js";
import { waitOf } from "./waiting.js";

const AGAIN_MS = 60_000;

export function MyFirms({ link, onChoose }) {
  const { state, data, error, again } = useLoad(() => link.send({ t: "list_firms" }), []);
  const now = useNow(15_000, link.serverNow);
  const [inviting, setInviting] = useState(null);
  useEffect(() => {
    const timer = setInterval(again, AGAIN_MS);
    return () => clearInterval(timer);
  }, []);
  const firms = (data && data.firms) || [];
  const phase = state === "ready" && !firms.length ? "empty" : state;
  return html`<section class="desk__page" aria-labelledby="firms-title">
    <h2 class="list__title" id="firms-title">${t("desk.firms_title", { n: firms.length, count: firms.length })}</h2>
    <p class="quiet small">${t("desk.firms_what")}</p>
    <${ListState} state=${phase} error=${error} onRetry=${again} empty=${{ text: t("desk.firms_empty") }}>
      <ul class="firms">
        ${firms.map((firm) => html`<${Firm} key=${firm.enterprise} firm=${firm} now=${now} onOpen=${() => onChoose(firm.enterprise, "inbox")} onInvite=${() => setInviting(firm)} />`)}
      </ul>
    <//>
    ${inviting && html`<${InviteHr} link=${link} enterprise=${inviting.enterprise} title=${inviting.name} onClose=${() => (setInviting(null), again())} />`}
  </section>`;
}

function Firm({ firm, now, onOpen, onInvite }) {
  const wait = firm.waiting ? waitOf({ status: "applied", applied_at_ms: firm.oldest_at_ms }, now) : null;
  const { received = 0, answered = 0, mean_ms = 0 } = firm.replies || {};
  return html`<li class="card firm" data-test="firm" data-enterprise=${firm.enterprise} data-waiting=${firm.waiting || 0}>
    <div class="firm__words">
      <p class="line">
        <span class="strong">${firm.name}</span>
        ${!firm.signed_in_at_ms && html`<${Chip} tone="look" data-test="firm-never">${t("desk.firm_never")}<//>`}
      </p>
      <p>
        ${firm.waiting ? t("desk.waiting_count", { n: formatCount(firm.waiting), count: firm.waiting }) : t("desk.waiting_none")}
        ${wait && html` <span class="wait wait--${wait.colour}">${t("desk.firm_longest", { words: waitWords(wait) })}</span>`}
      </p>
      <p class="quiet small">${received ? t("desk.firm_replies", { rate: Math.round((answered / received) * 100), hours: hours(mean_ms) }) : t("desk.firm_replies_none")}</p>
    </div>
    ${!firm.signed_in_at_ms && html`<${Button} onClick=${onInvite} data-test="firm-invite">${t("desk.firm_invite")}<//>`}
    <${Button} kind=${firm.waiting ? "main" : "quiet"} onClick=${onOpen} data-test="firm-open">${t(firm.waiting ? "desk.firm_answer" : "desk.firm_open")}<//>
  </li>`;
}

/** Hours with one digit, at least 0.1: nobody answers in no time. */
const hours = (ms) => Math.max(0.1, Math.round(ms / 360_000) / 10);
