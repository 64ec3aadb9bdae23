// 隐私: who has my number, who looked at it, taking a consent back, all that is held as a file, wiping it; in our province,
// and in each other one that something was sent to, which is asked itself.

import { useAttempt } from "../../shared/attempt.js";
import { Button, ListState, html, toast, useLoad, useRef, useState, useStore } from "../../shared/components.js";
import { formatWhen } from "../../shared/format.js";
import { appliedIn } from "../../shared/far.js";
import { t } from "../../shared/i18n.js";
import { Question } from "../../shared/question.js";
import { app, refreshMine } from "../app.js";
import { farLink, provinceName } from "./far_applications.js";

export function Privacy() {
  const setup = useStore(app.setup).value;
  return html`<div class="stack">
    <${Place} link=${app.link} code="" />
    ${appliedIn().map(
      (code) => html`<section key=${code} class="stack" aria-labelledby=${`privacy-in-${code}`} data-test="privacy-far">
        <h3 id=${`privacy-in-${code}`}>${t("privacy.far", { name: provinceName(setup, code) })}</h3>
        <${Place} link=${farLink(code)} code=${code} />
      </section>`,
    )}
  </div>`;
}

/** One house that holds something of mine; `link` sends to it. */
function Place({ link, code }) {
  const { applications } = useStore(app.mine);
  const { state, data, error, again } = useLoad(() => link.send({ t: "my_data" }), [applications]);
  const record = (data && data.record) || {};
  const empty = data && !(record.applications || []).length;
  return html`<div class="stack" data-test="privacy">
    <p class="quiet small">${t("privacy.what")}</p>
    <${ListState} state=${empty ? "empty" : state} error=${error} onRetry=${again} empty=${{ text: t("privacy.empty") }}>
      ${data && html`<${Firms} ...${{ link, code, record }} onDone=${again} /><${Looks} looks=${record.looks || []} code=${code} /><${Own} ...${{ link, code, data }} onDone=${again} />`}
    <//>
  </div>`;
}

/** One row per enterprise, whatever was sent to it. */
function firmsOf(record) {
  const firms = new Map();
  for (const consent of record.consents || []) {
    const known = firms.get(consent.enterprise) || { id: consent.enterprise, name: consent.enterprise_name, at_ms: consent.at_ms, holds: false };
    known.holds = known.holds || !consent.withdrawn_at_ms;
    known.withdrawn_at_ms = Math.max(known.withdrawn_at_ms || 0, consent.withdrawn_at_ms || 0);
    firms.set(consent.enterprise, known);
  }
  return [...firms.values()];
}

function Firms({ link, code, record, onDone }) {
  const now = app.link.serverNow();
  return html`<section class="stack" aria-labelledby=${`privacy-firms${code}`}>
    <h3 id=${`privacy-firms${code}`}>${t("privacy.firms")}</h3>
    <ul class="stack">
      ${firmsOf(record).map(
        (firm) => html`<li key=${firm.id} class="card stack" data-test="privacy-firm" data-enterprise=${firm.id} data-holds=${String(firm.holds)}>
          <p class="strong">${firm.name}</p>
          <p class="quiet small">
            ${firm.holds ? t("privacy.given", { when: formatWhen(firm.at_ms, now) }) : t("privacy.taken_back", { when: formatWhen(firm.withdrawn_at_ms, now) })}
          </p>
          ${firm.holds &&
          html`<${Asked}
            open=${t("privacy.take_back")}
            question=${t("privacy.take_back_ask", { enterprise: firm.name })}
            yes=${t("privacy.take_back_yes")}
            name="consent"
            command=${{ t: "withdraw_consent", enterprise: firm.id }}
            ...${{ link, onDone }}
          />`}
        </li>`,
      )}
    </ul>
  </section>`;
}

function Looks({ looks, code }) {
  const now = app.link.serverNow();
  return html`<section class="stack" aria-labelledby=${`privacy-looks${code}`}>
    <h3 id=${`privacy-looks${code}`}>${t("privacy.looks")}</h3>
    ${!looks.length && html`<p class="quiet">${t("privacy.looks_none")}</p>`}
    <ul class="steps">
      ${looks.map(
        (look, n) => html`<li key=${n} data-test="privacy-look">
          <span>${look.enterprise_name}</span> <span class="quiet small num">${formatWhen(look.at_ms, now)}</span>
          <p class="quiet small">${t(`privacy.why_${look.why || "contact"}`)}</p>
        </li>`,
      )}
    </ul>
  </section>`;
}

function Own({ link, code, data, onDone }) {
  const href = useRef("");
  if (!href.current) {
    // A data: address is allowed to be saved by every browser here; nothing leaves the device.
    href.current = `data:application/json;charset=utf-8,${encodeURIComponent(JSON.stringify(data, null, 2))}`;
  }
  return html`<section class="stack" aria-labelledby=${`privacy-own${code}`}>
    <h3 id=${`privacy-own${code}`}>${t("privacy.own")}</h3>
    <div><a class="btn" href=${href.current} download=${`daigang${code && `-${code}`}.json`} data-test="privacy-export">${t("privacy.export")}</a></div>
    <${Asked}
      open=${t("privacy.erase")}
      question=${t("privacy.erase_ask")}
      yes=${t("privacy.erase_yes")}
      name="erase"
      command=${{ t: "erase_me" }}
      ...${{ link, onDone }}
    />
  </section>`;
}

/** What cannot be undone asks once. */
function Asked({ link, command, open, question, yes, name, onDone }) {
  const [asking, setAsking] = useState(false);
  const { busy, attempt } = useAttempt(link, { aloud: true });
  const leave = () => setAsking(false);
  const done = () => {
    toast(t("privacy.done"), { tone: "safe" });
    refreshMine();
    onDone();
  };
  return html`<div hidden=${asking}><${Button} small kind="plain" onClick=${() => setAsking(true)} data-test="${name}-open">${open}<//></div>
    ${asking && html`<${Question} ...${{ name, yes, busy }} text=${question} onYes=${() => attempt(command, { done, close: leave, refused: leave })} onNo=${leave} />`}`;
}
