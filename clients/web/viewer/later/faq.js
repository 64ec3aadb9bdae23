// What was asked and answered about a position before, and 求讲解; in the sheet of a position, fetched with it.

import { Button, html, useEffect, useState } from "../../shared/components.js";
import { refusalText, t } from "../../shared/i18n.js";
import { app } from "../app.js";
import { answersOf } from "../questions.js";
import { askQuick, questionText } from "../quick.js";

export function Faq({ session, card, lines, position, explained, talking }) {
  const [fetched, setFetched] = useState([]);
  const [said, setSaid] = useState("");
  useEffect(() => {
    app.link.send({ t: "list_answers", position: position.id }).then(
      (reply) => setFetched(reply.answers || []),
      () => undefined,
    );
  }, [position.id]);
  const known = new Map(fetched.map((one) => [one.topic, one]));
  for (const [topic, one] of answersOf(card, lines, position.id)) known.set(topic, one);
  async function want() {
    try {
      setSaid(await askQuick(session, position.id, "explain"));
    } catch (error) {
      setSaid(refusalText(error));
    }
  }
  return html`<div class="stack">
    ${known.size > 0 &&
    html`<section data-test="faq">
      <h3>${t("ask.faq")}</h3>
      <dl class="facts">
        ${[...known.values()].map((one) => html`<div key=${one.topic}><dt class="quiet">${questionText(one)}</dt><dd>${one.answer}</dd></div>`)}
      </dl>
    </section>`}
    ${talking &&
    !explained &&
    html`<div class="line">
      <${Button} small onClick=${want} disabled=${Boolean(said)} data-test="want-explained">${t("ask.explain")}<//>
      <span class="small" role="status" data-test="want-said">${said}</span>
    </div>`}
  </div>`;
}
