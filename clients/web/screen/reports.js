// 举报: what people of this branch reported, newest first; read, dismissed or acted on with a note, and the session cut
// off where it must not go on. New ones come at once (`watch/REGION`, for operators alone).

import { useAttempt } from "../shared/attempt.js";
import { Button, Chip, Field, ListState, Sheet, announce, html, toast, useEffect, useLoad, useState } from "../shared/components.js";
import { formatWhen } from "../shared/format.js";
import { t } from "../shared/i18n.js";
import { LIMITS } from "../shared/protocol.js";
import { Question } from "../shared/question.js";

const PAGE = 50;

export function Reports({ link, root, state }) {
  const [openOnly, setOpenOnly] = useState(true);
  const [limit, setLimit] = useState(PAGE);
  const [picked, setPicked] = useState(null);
  const load = useLoad(() => link.send({ t: "list_reports", region: root, open_only: openOnly, limit: Math.min(limit, LIMITS.LIST_LIMIT) }), [
    root,
    openOnly,
    limit,
  ]);
  useEffect(
    () =>
      link.join(`watch/${root}`, {
        entry: ({ body }) => {
          load.again();
          if (body.t === "reported") announce(t("screen.reports_new"));
        },
      }),
    [root],
  );
  const cases = (load.data && load.data.reports) || [];
  const shown = load.state === "ready" && !cases.length ? "empty" : load.state;
  return html`<section class="reports" data-test="reports">
    <header class="line line--apart">
      <h2>${t("screen.reports_open", { n: load.data ? load.data.open || 0 : 0, count: load.data ? load.data.open || 0 : 0 })}</h2>
      <${Button} small aria-pressed=${String(!openOnly)} onClick=${() => setOpenOnly(!openOnly)} data-test="reports-all">${t("screen.reports_all")}<//>
    </header>
    <${ListState} state=${shown} error=${load.error} onRetry=${load.again} lines=${6} empty=${{ text: t(openOnly ? "screen.reports_none_open" : "screen.reports_none") }}>
      <ul class="stack">
        ${cases.map((one) => html`<${Row} key=${one.id} one=${one} link=${link} onPick=${() => setPicked(one)} />`)}
      </ul>
      ${load.data && load.data.next > 0 && limit < LIMITS.LIST_LIMIT && html`<${Button} wide kind="quiet" onClick=${() => setLimit(LIMITS.LIST_LIMIT)}>${t("screen.reports_more")}<//>`}
    <//>
    ${picked && html`<${Case} one=${picked} link=${link} session=${state.sessions.get(picked.session)} onClose=${() => setPicked(null)} />`}
  </section>`;
}

function what(one) {
  if (one.subject === "card") return t("screen.report_card", { title: one.position_title });
  return one.subject === "line" ? t("screen.report_line", { text: one.line_text }) : t("screen.report_room");
}

function Row({ one, link, onPick }) {
  return html`<li class="card report" data-test="report" data-report=${one.id} data-subject=${one.subject} data-outcome=${one.outcome || "open"}>
    <div>
      <p class="line"><${Chip} tone=${one.outcome ? "" : "look"}>${t(`report.reason_${one.reason}`)}<//> <span class="strong">${one.session_title}</span>
        <span class="quiet small num">${formatWhen(one.at_ms, link.serverNow())}</span></p>
      <p class="report__what">${what(one)}</p>
      ${one.text && html`<p class="report__what quiet">${one.text}</p>`}
      ${one.outcome && html`<p class="small"><${Chip} tone="safe">${t(`screen.report_${one.outcome}`)}<//> ${one.note}</p>`}
    </div>
    <${Button} kind="quiet" onClick=${onPick} data-test="report-pick">${t("screen.report_open")}<//>
  </li>`;
}

function Case({ one, link, session, onClose }) {
  const [note, setNote] = useState("");
  const { busy, sentence, attempt, say } = useAttempt(link);
  const [asking, setAsking] = useState(false);
  const onAir = Boolean(session) && ["live", "interrupted"].includes(session.state);

  const noted = () => {
    say(note.trim() ? "" : t("screen.report_note_needed"));
    return Boolean(note.trim());
  };
  const settle = (outcome) => noted() && attempt({ t: "settle_report", report: one.id, outcome, note: note.trim() }, { as: outcome, close: onClose });
  const cutIsDone = () => {
    setAsking(false);
    toast(t("screen.cut_done"), { tone: "safe" });
  };
  const cut = () => noted() && attempt({ t: "cut_off", session: one.session, reason: note.trim() }, { as: "cut", done: cutIsDone });
  return html`<${Sheet} title=${t(`report.reason_${one.reason}`)} onClose=${onClose} data-test="report-case">
    <div class="stack">
      <p><span class="strong">${one.session_title}</span> · <span class="num">${formatWhen(one.at_ms, link.serverNow())}</span></p>
      <p class="report__what">${what(one)}</p>
      ${one.text && html`<blockquote class="report__what">${one.text}</blockquote>`}
      <p class="quiet small num">${t("screen.report_second", { offset: one.stage_offset, version: one.position_version || "–" })}</p>
      <a class="btn" href="/room/${encodeURIComponent(one.session)}" target="_blank" rel="noopener">${t("screen.room_open")}</a>
      <${Field} label=${t("screen.report_note")} value=${note} onInput=${setNote} error=${sentence} maxlength=${LIMITS.TEXT_LIMIT} autocomplete="off" data-test="report-note" />
      <div class="line">
        <${Button} kind="main" busy=${busy === "acted"} onClick=${() => settle("acted")} data-test="report-acted">${t("screen.report_do_acted")}<//>
        <${Button} busy=${busy === "dismissed"} onClick=${() => settle("dismissed")} data-test="report-dismiss">${t("screen.report_do_dismissed")}<//>
      </div>
      ${onAir &&
      html`<${Button} kind="stop" wide hidden=${asking} onClick=${() => noted() && setAsking(true)} data-test="cut-off">${t("screen.cut")}<//>
        ${asking &&
        html`<${Question} name="cut" class="card stack" text=${t("screen.cut_ask", { title: one.session_title })} yes=${t("screen.cut_yes")} busy=${busy === "cut"} onYes=${cut} onNo=${() => setAsking(false)} />`}`}
    </div>
  <//>`;
}
