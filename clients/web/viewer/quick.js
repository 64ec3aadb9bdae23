// Quick questions: one tap, no phone needed. What was answered before is said at once.

import { Button, html, useEffect, useMemo, useState } from "../shared/components.js";
import { has, refusalText, t } from "../shared/i18n.js";
import { makeKey } from "../shared/outbox.js";
import { app } from "./app.js";
import { answersOf, quickOf } from "./questions.js";

const SAID_MS = 12_000;

/** Asks once; gives the sentence to show. */
export async function askQuick(session, position, topic) {
  const reply = await app.link.send({ t: "ask", session: session.id, position, topic, key: makeKey() });
  if (topic === "explain") return t("ask.wanted", { n: reply.count, count: reply.count });
  if (reply.answer) return t("ask.has_answer", { question: questionText({ topic }), answer: reply.answer });
  return t("ask.counted", { n: reply.count, count: reply.count });
}

/** A question in words: a free one has its own, a quick one is known by its topic. */
export function questionText({ topic, text }) {
  return text || (has(`ask.${topic}`) ? t(`ask.${topic}`) : "");
}

export function Quick({ session, card, lines }) {
  const [said, setSaid] = useState(null);
  const [busy, setBusy] = useState("");
  const { position, number } = card;
  const topics = useMemo(() => quickOf(position), [position]);
  const answers = useMemo(() => answersOf(card, lines, position.id), [card, lines]);
  useEffect(() => setSaid(null), [position.id]);
  useEffect(() => {
    if (!said) return undefined;
    const timer = setTimeout(() => setSaid(null), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);

  async function tap(topic) {
    if (busy) return;
    const known = answers.get(topic);
    if (known) return setSaid({ text: t("ask.has_answer", { question: questionText(known), answer: known.answer }), good: true });
    setBusy(topic);
    try {
      setSaid({ text: await askQuick(session, position.id, topic), good: true });
    } catch (error) {
      setSaid({ text: refusalText(error) });
    } finally {
      setBusy("");
    }
    return undefined;
  }
  if (!topics.length) return null;
  return html`<div class="quick">
    <p class="quick__said ${said && said.good ? "safe-word" : ""}" role="status" data-test="quick-said">${said && said.text}</p>
    <div class="chat__quick" role="group" aria-label=${t("chat.about", { n: number, words: position.title })}>
      ${topics.map(
        (topic) => html`<${Button} key=${topic} small kind="quiet" busy=${busy === topic} onClick=${() => tap(topic)} data-test="chat-quick" data-topic=${topic}>${t(`ask.${topic}`)}<//>`,
      )}
    </div>
  </div>`;
}
