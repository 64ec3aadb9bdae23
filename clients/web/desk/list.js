// The list: who applied, for what, how long they wait, where it stands.

import { Button, Chip, ListState, announce, html, useEffect, useNow, useRef, useState } from "../shared/components.js";
import { formatCount, statusText, statusTone } from "../shared/format.js";
import { refusalText, t } from "../shared/i18n.js";
import { isWaiting, waitOf } from "./waiting.js";

export function List({ state, inbox, link, chosen, onChoose }) {
  const [filter, setFilter] = useState("waiting");
  const now = useNow(15_000, link.serverNow);
  const { rows, waiting, fresh, next } = state;
  // Someone who is open stays in the list while being answered.
  const shown = filter === "all" ? rows : rows.filter((row) => isWaiting(row.status) || row.id === chosen);
  const phase = state.phase === "ready" && !shown.length ? "empty" : state.phase;

  useAnnouncedArrivals(fresh);
  return html`<section class="list" aria-labelledby="list-title">
    <header class="list__head">
      <h2 class="list__title" id="list-title" data-test="waiting-count" data-waiting=${waiting}>
        ${state.phase !== "ready" ? t("desk.waiting") : waiting ? t("desk.waiting_count", { n: formatCount(waiting), count: waiting }) : t("desk.waiting_none")}
      </h2>
      <div class="list__filter" role="group" aria-label=${t("desk.filter")}>
        ${["waiting", "all"].map(
          (name) => html`<${Button} key=${name} small aria-pressed=${String(filter === name)} onClick=${() => setFilter(name)} data-test="filter-${name}"
            >${t(`desk.${name}`)}<//
          >`,
        )}
      </div>
    </header>
    <${Fresh} fresh=${fresh} />
    ${state.error && state.phase === "ready" && html`<p class="list__error" role="alert">${refusalText(state.error)}</p>`}
    <div class="list__rows">
      <${ListState} state=${phase} error=${state.error} onRetry=${inbox.load} lines=${8} empty=${emptyWords(rows, next, setFilter)}>
        <ul class="rows">
          ${shown.map(
            (row) => html`<${Row} key=${row.id} row=${row} now=${now} fresh=${fresh.has(row.id)} chosen=${row.id === chosen} onChoose=${() => onChoose(row.id)} />`,
          )}
        </ul>
      <//>
      ${next && state.phase === "ready" && html`<div class="list__more"><${Button} wide busy=${state.busy} onClick=${inbox.more} data-test="next-page">${t("desk.more")}<//></div>`}
    </div>
  </section>`;
}

function emptyWords(rows, next, setFilter) {
  if (!rows.length) return { text: t("desk.empty_all") };
  const action = html`<${Button} kind="quiet" onClick=${() => setFilter("all")}>${t("desk.see_all")}<//>`;
  return { text: t(next ? "desk.empty_waiting_more" : "desk.empty_waiting"), action };
}

function useAnnouncedArrivals(fresh) {
  const before = useRef(fresh.size);
  useEffect(() => {
    if (fresh.size > before.current) announce(t("desk.new_came", { n: fresh.size, count: fresh.size }));
    before.current = fresh.size;
  }, [fresh.size]);
}

/** A gentle notice: the rows are there already, nothing jumps away under a finger that reads. */
function Fresh({ fresh }) {
  if (!fresh.size) return null;
  return html`<p class="list__fresh" data-test="new-applications" data-count=${fresh.size}>${t("desk.new_came", { n: fresh.size, count: fresh.size })}</p>`;
}

function Row({ row, now, fresh, chosen, onChoose }) {
  return html`<li>
    <button
      type="button"
      class="applicant ${chosen ? "applicant--chosen" : ""} ${fresh ? "applicant--fresh" : ""}"
      aria-current=${chosen ? "true" : undefined}
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
    </button>
  </li>`;
}

/** Colour and words say the same: nobody has to see colours. */
export function Wait({ row, now }) {
  const { colour, unit, count } = waitOf(row, now);
  if (colour === "none") return null;
  const urge = { amber: "desk.wait_look", red: "desk.wait_late" }[colour];
  return html`<span class="wait wait--${colour}" data-test="applicant-wait" data-colour=${colour}>
    ${t(`desk.wait_${unit}`, { n: count, count })}${urge && html`<span class="wait__urge"> · ${t(urge)}</span>`}
  </span>`;
}
