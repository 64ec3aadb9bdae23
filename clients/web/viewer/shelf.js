// 岗位架: all positions of the room by their numbers, the explained one marked, each can be applied to.

import { Button, Chip, ListState, html, useState } from "../shared/components.js";
import { payBand } from "../shared/format.js";
import { t } from "../shared/i18n.js";
import { ApplyButton } from "./card.js";
import { openSheet } from "./route.js";

/** From this many rows on a search field helps more than it takes. */
const SEARCH_FROM = 8;

export function ShelfList({ view, onRetry }) {
  const [words, setWords] = useState("");
  const { slots, slotsError, stage } = view;
  const shown = (slots || []).filter((slot) => matches(slot, words));
  const state = slots ? (shown.length ? "ready" : "empty") : slotsError ? "error" : "loading";
  const empty = words
    ? { text: t("shelf.no_match"), action: html`<${Button} kind="quiet" onClick=${() => setWords("")}>${t("shelf.see_all")}<//>` }
    : { text: t("shelf.empty") };
  return html`<div class="shelf">
    ${slots &&
    slots.length >= SEARCH_FROM &&
    html`<label class="sr-only" for="shelf-search">${t("shelf.search")}</label>
      <input
        id="shelf-search"
        class="input"
        type="search"
        value=${words}
        onInput=${(event) => setWords(event.currentTarget.value)}
        placeholder=${t("shelf.search")}
        data-test="shelf-search"
      />`}
    <${ListState} state=${state} error=${slotsError} onRetry=${onRetry} empty=${empty} lines=${9}>
      <ol class="rows">
        ${shown.map((slot) => html`<${Row} key=${slot.number} slot=${slot} stage=${stage} />`)}
      </ol>
    <//>
  </div>`;
}

/** "12", "12号", or words of title, enterprise, place. */
function matches({ number, position }, words) {
  const clean = words.trim().toLowerCase();
  if (!clean) return true;
  if (/^\d+号?$/.test(clean)) return number === parseInt(clean, 10);
  return [position.title, position.enterprise_name, position.place].some((text) => (text || "").toLowerCase().includes(clean));
}

function Row({ slot, stage }) {
  const { number, position } = slot;
  const explained = stage.card && stage.card.position.id === position.id;
  return html`<li class=${`shelf-row${explained ? " shelf-row--now" : ""}`} data-test="shelf-row" data-number=${number} data-position=${position.id}>
    <button type="button" class="shelf-row__open" onClick=${() => openSheet({ kind: "position", slot })} data-test="shelf-row-open">
      <span class="shelf-row__number num strong">${number}<span class="sr-only">${t("shelf.number_word")}</span></span>
      <span class="shelf-row__words">
        <span class="line"><span class="strong">${position.title}</span>${explained && html`<${Chip} tone="now">${t("card.explaining")}<//>`}</span>
        <span class="quiet small">${position.enterprise_name}</span>
        <span class="small num">${payBand(position) || `${t("fact.band")}${t("list.colon")}${t("fact.missing")}`} · ${t("card.openings", { n: position.openings, count: position.openings })}</span>
      </span>
    </button>
    <${ApplyButton} slot=${slot} session=${stage.session} small />
  </li>`;
}
