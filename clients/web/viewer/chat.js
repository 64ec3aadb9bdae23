// Chat of a room: the last lines, quick questions, one input. Why a line was not taken stands beside the input, and the
// words stay in it.

import { Button, Chip, announce, html, useEffect, useRef, useState } from "../shared/components.js";
import { formatWhen } from "../shared/format.js";
import { has, refusalText, t } from "../shared/i18n.js";
import { makeKey } from "../shared/outbox.js";
import { LIMITS } from "../shared/protocol.js";
import { app } from "./app.js";
import { openConfirm } from "./confirming.js";
import { openSheet } from "./route.js";
import { Quick, questionText } from "./quick.js";
import { stateOf, talking } from "./stage.js";

/** Nearer than this to the end counts as reading the newest. */
const NEAR_PX = 60;

/** Two neighbours: the lines, and the foot with `beside` and the input. */
export function Chat({ session, lines, card, talk, beside }) {
  const [why, setWhy] = useState(null);
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const box = useRef(null);
  const atEnd = useRef(true);
  const key = useRef(null);
  const open = talking(session);
  const off = talk.mode === "off";

  useEffect(() => {
    if (atEnd.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [lines]);

  // The keyboard, the offline bar and a longer card take room from the lines: whoever read the newest stays there.
  useEffect(() => {
    if (typeof ResizeObserver === "undefined") return undefined;
    const watch = new ResizeObserver(() => {
      if (atEnd.current && box.current) box.current.scrollTop = box.current.scrollHeight;
    });
    watch.observe(box.current);
    return () => watch.disconnect();
  }, []);

  // What was said of a line has no meaning where nothing can be written any more.
  useEffect(() => setWhy(null), [open, talk.mode]);

  function onScroll({ currentTarget }) {
    atEnd.current = currentTarget.scrollHeight - currentTarget.scrollTop - currentTarget.clientHeight < NEAR_PX;
  }

  async function say(words) {
    const clean = words.trim();
    if (!clean || busy) return;
    // The same line tried again is the same command: its key stays until it is answered.
    if (!key.current || key.current.words !== clean) key.current = { words: clean, key: makeKey() };
    setBusy(true);
    setWhy(null);
    try {
      const reply = await app.link.send({ t: "say", session: session.id, text: clean, key: key.current.key });
      key.current = null;
      atEnd.current = true;
      setText((now) => (now.trim() === clean ? "" : now));
      if (reply.t === "waits") setWhy({ text: t("chat.waits"), good: true });
    } catch (error) {
      if (!error.temporary) key.current = null;
      if (error.code === "phone_unconfirmed") openConfirm({ why: "chat", session: session.id, done: () => say(clean) });
      setWhy({ text: whyNot(error), code: error.code });
      announce(whyNot(error));
    } finally {
      setBusy(false);
    }
  }

  function onSubmit(event) {
    event.preventDefault();
    say(text);
  }

  return html`
    <section class="chat" aria-label=${t("tab.chat")}>
      <ol class="chat__lines" ref=${box} onScroll=${onScroll} tabindex="0" aria-label=${t("chat.lines")}>
        ${lines.map((line) => (line.t === "answered" ? html`<${Answer} key=${line.offset} line=${line} />` : html`<${Line} key=${line.offset} line=${line} />`))}
        ${!lines.length && html`<li class="quiet small">${t(open ? "chat.empty" : "chat.closed")}</li>`}
      </ol>
      ${lines.some(reportable) &&
      html`<${Button} kind="plain" small class="chat__tell" aria-label=${t("report.line_open")} onClick=${() => openSheet({ kind: "report", choose: true })} data-test="chat-tell">${t("report.open")}<//>`}
      ${open && card && html`<${Quick} session=${session} card=${card} lines=${lines} />`}
    </section>
    <div class="chat__foot">
      ${why && html`<p id="chat-why" class=${`chat__why${why.good ? " chat__why--good" : ""}`} data-test="chat-why" data-code=${why.code}>${why.text}</p>`}
      ${beside}
      <form class="chat__form" onSubmit=${onSubmit}>
        <label class="sr-only" for="chat-input">${t("chat.label")}</label>
        <input
          id="chat-input"
          class="input"
          value=${text}
          onInput=${(event) => setText(event.currentTarget.value)}
          maxlength=${LIMITS.TEXT_LIMIT}
          placeholder=${t(open ? placeholderOf(talk) : stateOf(session) === "ended" ? "chat.ended" : "chat.closed")}
          enterkeyhint="send"
          autocomplete="off"
          disabled=${!open || off}
          aria-describedby=${why ? "chat-why" : undefined}
          data-test="chat-input"
        />
        <${Button} type="submit" kind="main" disabled=${!open || off || !text.trim()} busy=${busy} data-test="chat-send">${t("do.send")}<//>
      </form>
    </div>
  `;
}

function placeholderOf(talk) {
  return { off: "chat.off", approved: "chat.approved" }[talk.mode] || "chat.placeholder";
}

/** Why the line was not taken, in words of its own for what the sender can change. */
function whyNot(error) {
  const { word, why, length, until_ms, reason } = error.params || {};
  if (error.code === "chat_word") {
    return word ? t("chat.word", { word, why: t(`chat.why_${why}`) }) : t("chat.why_contact");
  }
  if (error.code === "chat_muted") {
    const because = reason ? t("chat.muted_reason", { reason }) : "";
    const until = until_ms ? { key: "chat.muted_until", clock: formatWhen(until_ms, app.link.serverNow()) } : { key: `chat.muted_${length}` };
    return t(until.key, { clock: until.clock, reason: because });
  }
  return error.code === "phone_unconfirmed" ? t("chat.unconfirmed") : refusalText(error);
}

function Answer({ line }) {
  const question = questionText(line);
  return html`<li class="chat__line chat__line--answer" data-test="chat-answer" data-topic=${line.topic}>
    <${Chip} tone="safe">${t("chat.answered")}<//>
    ${line.number ? html` <span class="num strong">${t("card.number", { n: line.number })}</span>` : ""} <span class="quiet">${question}</span> ${line.answer || t("chat.answered_aloud")}
  </li>`;
}

/** What somebody of the audience wrote. */
export function reportable(line) {
  return line.t !== "answered" && !line.role;
}

function report({ offset, text }) {
  openSheet({ kind: "report", line: { offset, text } });
}

function Line({ line }) {
  const role = line.role && has(`role.${line.role}`) ? t(`role.${line.role}`) : "";
  return html`<li class="chat__line" data-test="chat-line" data-author=${line.author}>
    ${role && html`<${Chip} tone="action">${role}<//> `}
    <span class="quiet">${line.name || t("chat.somebody", { tag: String(line.author || "").slice(-4) })}${t("list.colon")}</span>${line.text}
    ${reportable(line) && html` <button type="button" class="chat__report" aria-label=${t("report.line_do", { text: line.text })} onClick=${() => report(line)} data-test="chat-report">${t("report.open")}</button>`}
  </li>`;
}
