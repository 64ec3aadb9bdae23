// A position as those see it who look after it: its facts in two lines, what is wrong with it, where it stands.

import { Chip, html } from "./components.js";
import { payBand, payBase } from "./format.js";
import { has, t } from "./i18n.js";

const TONE = { draft: "look", waiting: "action", approved: "safe", refused: "look" };

/** What a state of review is called: 招满 stands before everything else. */
export function stateOfFile({ position, review }) {
  if (position.closed) return { text: t("position.closed"), tone: "look" };
  return { text: t(`position.${review}`), tone: TONE[review] };
}

/** One flag as a sentence: which cell, and why. The words at fault follow where they may be shown. */
export function flagText({ why, text }) {
  const sentence = t(has(`why.${why}`) ? `why.${why}` : "why.other");
  return text ? t("why.with_words", { why: sentence, words: text }) : sentence;
}

/** @param props.children what can be done with it */
export function PositionFile({ file, children }) {
  const { position, flags = [], reason } = file;
  const state = stateOfFile(file);
  const facts = [
    position.openings ? t("position.openings", { n: position.openings, count: position.openings }) : t("position.openings_missing"),
    position.place || t("position.place_missing"),
    position.shift,
    position.education,
    (position.benefits || []).join("、"),
    position.valid_until && t("position.until", { day: position.valid_until }),
  ];
  const more = [position.duties, position.requirements].filter(Boolean);
  return html`<article class="file" data-test="position-file" data-position=${position.id} data-review=${file.review}>
    <header class="line line--apart">
      <h3 class="file__title">${position.title || t("position.untitled")}</h3>
      <${Chip} tone=${state.tone} data-test="position-state">${state.text}<//>
    </header>
    <p class="num"><span class="quiet">${t("position.pay")}</span> ${payBand(position) || t("position.missing")}
      <span class="file__base"><span class="quiet">${t("position.base")}</span> ${payBase(position) || t("position.missing")}</span></p>
    <p class="small quiet">${facts.filter(Boolean).join(" · ")}</p>
    ${more.length > 0 && html`<p class="small file__words">${more.join(" ")}</p>`}
    ${flags.length > 0 &&
    html`<ul class="file__flags" data-test="position-flags">
      ${flags.map((flag) => html`<li key=${flag.why} data-why=${flag.why}>${flagText(flag)}</li>`)}
    </ul>`}
    ${file.review === "refused" && reason && html`<p class="file__reason">${t("position.refused_because", { reason })}</p>`}
    ${children && html`<footer class="line file__do">${children}</footer>`}
  </article>`;
}
