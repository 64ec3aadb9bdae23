// The rundown: every position of the shelf as a big row, the number box above it.

import { Button, Chip, Field, ListState, html, useLayoutEffect, useMemo, useRef } from "../shared/components.js";
import { payBand } from "../shared/format.js";
import { t } from "../shared/i18n.js";
import { askedAbout } from "./desk.js";
import { questionText } from "./questions.js";
import { talking } from "./stage.js";
import { byPosition } from "./tally.js";

export function Rundown({ slots, slotsError, stage, tally, questions, keys, busy, sentence, setTyped, pick, show, fill, retry }) {
  const list = useRef(null);
  const came = useMemo(() => byPosition(tally.arrivals), [tally.arrivals]);
  const asked = useMemo(() => askedAbout(questions), [questions]);
  const state = slots ? (slots.length ? "ready" : "empty") : slotsError ? "error" : "loading";
  const air = talking(stage.session);
  const ended = stage.session.state === "ended";
  const current = stage.card && stage.card.position.id;

  useLayoutEffect(() => {
    const row = list.current && list.current.querySelector(".row--cursor");
    if (row) row.scrollIntoView({ block: "nearest" });
  }, [keys.cursor, slots]);

  const typedSlot = keys.typed ? (slots || []).find((slot) => slot.number === Number(keys.typed)) : (slots || [])[keys.cursor];
  return html`<section class="host__rundown panel" aria-labelledby="rundown-title">
    <header class="rundown__head">
      <h2 class="panel__title" id="rundown-title">
        ${t("host.rundown")} ${slots && html`<span class="quiet small">${t("host.rundown_count", { n: slots.length, count: slots.length })}</span>`}
      </h2>
      <div class="rundown__box">
        <${Field} label=${t("host.number")} value=${keys.typed} onInput=${setTyped} inputmode="numeric" autocomplete="off" enterkeyhint="go" data-test="number-input" />
        <${Button} kind="main" disabled=${!typedSlot || !air || Boolean(busy)} onClick=${() => typedSlot && show(typedSlot)} data-test="show-number"
          >${t("host.number_show")}<//
        >
      </div>
      ${sentence
        ? html`<p class="rundown__sentence rundown__sentence--look" data-test="host-refusal">${sentence.text}</p>`
        : html`<p class="rundown__sentence quiet ${air ? "rundown__sentence--keys" : ""}">${t(air ? "host.number_hint" : ended ? "host.ended" : "host.now_none_before")}</p>`}
    </header>
    <div class="rundown__list" ref=${list} tabindex="0" role="region" aria-label=${t("host.rundown")}>
      <${ListState} state=${state} error=${slotsError} onRetry=${retry} lines=${9} empty=${{ text: t("host.shelf_empty") }}>
        <ol class="rows">
          ${(slots || []).map(
            (slot, at) => html`<${Row}
              key=${slot.position.id}
              slot=${slot}
              cursor=${at === keys.cursor}
              now=${slot.position.id === current}
              times=${stage.shown[slot.position.id] || 0}
              came=${came.get(slot.position.id) || 0}
              asked=${asked.get(slot.position.id)}
              air=${air}
              busy=${busy === `show ${slot.position.id}` || busy === `fill ${slot.position.id}`}
              onFill=${() => fill(slot)}
              onPick=${() => pick(at)}
              onShow=${() => {
                pick(at);
                show(slot);
              }}
            />`,
          )}
        </ol>
      <//>
    </div>
  </section>`;
}

function Row({ slot, cursor, now, times, came, asked, air, busy, onPick, onShow, onFill }) {
  const { number, position } = slot;
  const pay = payBand(position) || `${t("fact.band")}：${t("fact.missing")}`;
  return html`<li
    class="row ${cursor ? "row--cursor" : ""} ${now ? "row--now" : ""}"
    aria-current=${now ? "true" : undefined}
    data-test="rundown-row"
    data-number=${number}
    data-position=${position.id}
    onClick=${onPick}
  >
    <span class="row__number num">${number}</span>
    <div class="row__what">
      <p class="row__title">
        <span class="strong">${position.title}</span>
        ${now && html`<${Chip} tone="now" data-test="row-now">${t("host.now")}<//>`}
        ${!now && times > 0 && html`<${Chip} tone="safe">${t("host.shown_times", { n: times, count: times })}<//>`}
        ${position.closed && html`<${Chip} tone="look">${t("host.closed")}<//>`}
        ${asked && asked.wanted > 0 && html`<${Chip} tone="now" data-test="row-wanted">${t("host.row_wanted", { n: asked.wanted, count: asked.wanted })}<//>`}
        ${asked && asked.asked > 0 && html`<${Chip} tone="look" title=${asked.topics.map((one) => `${questionText(one)} ${one.count}`).join("\n")} data-test="row-asked">${t("host.row_asked", { n: asked.asked, count: asked.asked })}<//>`}
        ${came > 0 && html`<${Chip} tone="action">${t("host.row_applied", { n: came, count: came })}<//>`}
        <span class="row__firm small quiet" title=${position.enterprise_name} data-test="row-firm">${position.enterprise_name}</span>
      </p>
      <p class="row__facts small">
        <span class="row__pay num">${pay}</span>
        <span class="num">${t("host.openings", { n: position.openings, count: position.openings })}</span>
      </p>
    </div>
    ${(now || position.closed) &&
    html`<${Button}
      busy=${busy}
      aria-label="${t(position.closed ? "host.unfill" : "host.fill")} ${number} ${position.title}"
      onClick=${(event) => {
        event.stopPropagation();
        onFill();
      }}
      data-test="fill-position"
      >${t(position.closed ? "host.unfill" : "host.fill")}<//
    >`}
    ${!now &&
    !position.closed &&
    html`<${Button}
      kind="quiet"
      busy=${busy}
      disabled=${!air}
      disabled=${!air || position.closed}
      tabindex=${cursor ? 0 : -1}
      aria-label="${t(times > 0 ? "host.show_again" : "host.show")} ${number} ${position.title}"
      onClick=${(event) => {
        event.stopPropagation();
        onShow();
      }}
      data-test="show-card"
      >${times > 0 ? t("host.show_again") : t("host.show")}<//
    >`}
  </li>`;
}
