// The list: who applied, for what, how long they wait, where it stands.

import { Button, Chip, ListState, announce, html, useEffect, useNow, useRef } from "../shared/components.js";
import { formatCount, statusText, statusTone } from "../shared/format.js";
import { refusalText, t } from "../shared/i18n.js";
import { Export } from "./export.js";
import { Filters } from "./filters.js";
import { waitOf } from "./waiting.js";

export function List({ state, shown, inbox, link, account, enterprise, chosen, onChoose, positions, words, onWords, picking, foot, other, onOther }) {
  const now = useNow(15_000, link.serverNow);
  const { waiting, fresh, next, filter } = state;
  const tools = html`<${Button} small kind="plain" aria-pressed=${String(picking.on)} onClick=${picking.on ? picking.stop : picking.start} data-test="pick">${t("desk.pick_many")}<//>`;
  const file = html`<${Export} enterprise=${enterprise} account=${account} />`;
  const phase = state.phase === "ready" && !shown.length ? "empty" : state.phase;

  useAnnouncedArrivals(fresh);
  return html`<section class="list" aria-labelledby="list-title">
    <header class="list__head">
      <h2 class="list__title" id="list-title" tabindex="-1" data-test="waiting-count" data-waiting=${waiting}>
        ${state.phase !== "ready" ? t("desk.waiting") : waiting ? t("desk.waiting_count", { n: formatCount(waiting), count: waiting }) : t("desk.waiting_none")}
      </h2>
      <${Filters} ...${{ filter, positions, tools, file, words, onWords }} onFilter=${inbox.filter} />
    </header>
    <${Fresh} fresh=${fresh} order=${filter.order} />
    ${state.error && state.phase === "ready" && html`<p class="list__error" role="alert">${refusalText(state.error)}</p>`}
    <div class="list__rows">
      <${ListState} state=${phase} error=${state.error} onRetry=${inbox.load} lines=${8} empty=${emptyWords(state, inbox.filter, { words, onWords, other, onOther })}>
        <ul class="rows" onKeyDown=${moveFocus}>
          ${shown.map(
            (row) => html`<${Row}
              key=${row.id}
              ...${{ row, now, fresh: fresh.has(row.id), chosen: row.id === chosen }}
              picked=${picking.on ? picking.ids.has(row.id) : null}
              onChoose=${() => (picking.on ? picking.flip(row.id) : onChoose(row.id))}
            />`,
          )}
        </ul>
      <//>
      ${next && state.phase === "ready" && html`<div class="list__more"><${Button} wide busy=${state.busy} onClick=${inbox.more} data-test="next-page">${t(filter.order === "longest" ? "desk.more_newer" : "desk.more")}<//></div>`}
    </div>
    ${foot}
  </section>`;
}

function emptyWords({ next, filter }, onFilter, { words, onWords, other, onOther }) {
  if (words) return { text: t("desk.empty_words"), action: html`<${Button} kind="quiet" onClick=${() => onWords("")}>${t("desk.see_all")}<//>` };
  if (other && filter.show === "waiting" && !next && !filter.position) {
    return { text: t("desk.empty_waiting"), action: html`<${NextFirm} other=${other} onOther=${onOther} />` };
  }
  if (filter.show === "all" && !filter.status && !filter.position) return { text: t("desk.empty_all") };
  const action = html`<${Button} kind="quiet" onClick=${() => onFilter({ show: "all", status: "", position: "" })}>${t("desk.see_all")}<//>`;
  if (filter.show === "all") return { text: t("desk.empty_filter"), action };
  return { text: t(next ? "desk.empty_waiting_more" : "desk.empty_waiting"), action };
}

/** A specialist's way on, once nobody waits here. */
export function NextFirm({ other, onOther }) {
  return html`<${Button} kind="main" onClick=${onOther} data-test="next-firm">${t("desk.next_firm", { name: other.name, n: formatCount(other.waiting), count: other.waiting })}<//>`;
}

/** Up and down go from row to row; Tab leaves the list. */
function moveFocus(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
  const rows = [...event.currentTarget.querySelectorAll("button")];
  const next = rows[rows.indexOf(document.activeElement) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

function useAnnouncedArrivals(fresh) {
  const before = useRef(fresh.size);
  useEffect(() => {
    if (fresh.size > before.current) announce(t("desk.new_came_said", { n: fresh.size, count: fresh.size }));
    before.current = fresh.size;
  }, [fresh.size]);
}

/** A gentle notice: the rows are there already, nothing jumps away under a finger that reads. */
function Fresh({ fresh, order }) {
  if (!fresh.size) return null;
  return html`<p class="list__fresh" data-test="new-applications" data-count=${fresh.size}>${t(order === "longest" ? "desk.new_came_last" : "desk.new_came", { n: fresh.size, count: fresh.size })}</p>`;
}

/** `picked`: whether it is marked, null while nobody marks. */
function Row({ row, now, fresh, chosen, picked, onChoose }) {
  const marking = picked !== null;
  return html`<li>
    <button
      type="button"
      class="applicant ${chosen && !marking ? "applicant--chosen" : ""} ${fresh ? "applicant--fresh" : ""} ${marking ? "applicant--marking" : ""}"
      aria-current=${chosen ? "true" : undefined}
      aria-pressed=${marking ? String(picked) : undefined}
      onClick=${onChoose}
      data-test="applicant-row"
      data-application=${row.id}
      data-status=${row.status}
    >
      <span class="applicant__who">
        <span class="strong">${row.name}</span>
        <span class="num quiet">${row.phone}</span>
      </span>
      <span class="applicant__what">${row.position_title}</span>
      <span class="applicant__state">
        <${Chip} tone=${statusTone(row.status)} data-test="applicant-status">${statusText(row.status)}<//>
        <${Wait} row=${row} now=${now} />
      </span>
      <${Marks} row=${row} />
    </button>
  </li>`;
}

/** Who follows this person already, and whether the number is known to be theirs. */
function Marks({ row }) {
  const unconfirmed = !(row.about && row.about.phone_confirmed);
  if (!row.claim && !unconfirmed) return null;
  return html`<span class="quiet small">
    ${row.claim && html`<span data-test="applicant-claim">${t(row.claim.mine ? "desk.claimed_mine" : "desk.claimed", { name: row.claim.by || t("desk.colleague") })}</span>`}
    ${row.claim && unconfirmed && " · "}${unconfirmed && t("desk.unconfirmed")}
  </span>`;
}

export function waitWords({ unit, count }) {
  return t(`desk.wait_${unit}`, { n: count, count });
}

/** Colour and words say the same: nobody has to see colours. */
export function Wait({ row, now }) {
  const wait = waitOf(row, now);
  const { colour } = wait;
  if (colour === "none") return null;
  const urge = { amber: "desk.wait_look", red: "desk.wait_late" }[colour];
  return html`<span class="wait wait--${colour}" data-test="applicant-wait" data-colour=${colour}>
    ${waitWords(wait)}${urge && html`<span class="wait__urge"> · ${t(urge)}</span>`}
  </span>`;
}
